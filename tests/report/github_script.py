"""Scripts of actions/github-script, run by node with a stand-in for GitHub."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(not NODE, reason="there is no node here to run the workflow's script with")
HOST = """
const [script, comments] = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const asked = [];
const refuse = () => {
  if (process.env.REFUSED) throw Object.assign(new Error(), { status: Number(process.env.REFUSED) });
};
const issues = {
  listComments: 'listComments',
  updateComment: async (what) => refuse() || asked.push(['update', what]),
  createComment: async (what) => refuse() || asked.push(['create', what]),
};
const github = { rest: { issues }, paginate: async () => comments };
const context = { repo: { owner: 'shop', repo: 'orders' }, issue: { number: 7 } };
const run = new Function('require', 'github', 'context', `return (async () => {${script}})()`);
run(require, github, context).then(() => console.log(JSON.stringify(asked)));
"""


def asked(script: str, *, folder: Path, comments: list[dict[str, Any]], **variables: str) -> list[Any]:
    """Run a script in `folder`, where the pull request has these comments; return what it asked of GitHub."""
    assert NODE
    done = subprocess.run(
        [NODE, "-e", HOST],
        cwd=folder,
        env={**os.environ, **variables},
        input=json.dumps([script, comments]),
        capture_output=True,
        text=True,
        check=True,
    )
    *_, last = done.stdout.splitlines()
    found: list[Any] = json.loads(last)
    return found
