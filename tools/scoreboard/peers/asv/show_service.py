"""Put the service of the commit that asv has checked out on its environment's path: it is no installable package.

The harness follows it, for the scenarios and the dataset; asv itself keeps PYTHONPATH from its environments.
"""

import site
import sys
from pathlib import Path

Path(site.getsitepackages()[0], "service.pth").write_text("\n".join(sys.argv[1:]) + "\n", encoding="utf-8")
