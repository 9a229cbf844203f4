"""Releases one image to one environment, step by step: migrate, update, wait, prove, watch; and back when one fails.

Each step looks first at what is there. So the same command, given again after an interruption, goes on where it
stopped, and given once more after success it proves that all is well and changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from deploy.clock import Clock
from deploy.cloud import Cloud
from deploy.outcomes import ChangeRefused, CouldNotRun, Inconclusive, ReleaseEnded
from deploy.proof import Proof
from deploy.stack_state import Running, StackState


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long each step may take, and how often it looks; in seconds."""

    migration: float = 1800
    update: float = 1800
    proof: float = 120
    watch: float = 300
    every: float = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release, or one rollback, on one environment."""

    cloud: Cloud
    prove: Callable[[StackState], Proof]
    clock: Clock = field(default_factory=Clock)
    limits: Limits = field(default_factory=Limits)
    say: Callable[[str], None] = print
    dry_run: bool = False
    despite_alarms: bool = False

    def release(self, wanted: Running) -> None:
        """Bring `wanted` out, or leave what ran before running and raise why."""
        stack = self._settled(wanted)
        if stack.current == wanted:
            self.say(f"{stack.name} already runs {wanted}: neither migrated nor updated again.")
            former = stack.previous or wanted
        else:
            former = stack.current
            self._check(wanted)
            if self.dry_run:
                self.say(f"Would migrate the database with {wanted}.")
                self.say(f"Would update {stack.name} from {former} to it, prove it, and watch its alarms.")
                return
            self._migrate(stack, wanted)
            stack = self._updated(stack, wanted, previous=former)
        if self.dry_run:
            self.say("Would prove it, and watch its alarms.")
            return
        try:
            self._prove(stack, wanted)
            self._watch(stack)
        except ReleaseEnded as ended:
            raise self._undone(ended, wanted=wanted, former=former) from ended
        self.say(f"Released: {stack.name} runs {wanted}.")

    def rollback(self) -> None:
        """Bring back what ran before the last release. The database stays as it is: migrations fit both."""
        stack = self._settled(None)
        former = stack.previous
        if former is None:
            raise CouldNotRun(f"{stack.name} has run nothing but {stack.current}: there is nothing to go back to.")
        if former == stack.current:
            self.say(f"{stack.name} is back at {former} already.")
        elif self.dry_run:
            self.say(f"Would update {stack.name} from {stack.current} back to {former}.")
            return
        else:
            # From then on it is its own former image: a second rollback does not go forward to the refused one.
            stack = self._updated(stack, former, previous=former)
        if not self.dry_run:
            self._prove(stack, former)
            self.say(f"Rolled back: {stack.name} runs {former}.")

    # --- steps -----------------------------------------------------------------------------------------------------

    def _settled(self, wanted: Running | None) -> StackState:
        """Wait for an update that is under way: ours, after an interruption, or somebody else's."""
        stack = self.cloud.stack()
        if stack.in_progress:
            if self.dry_run:
                raise CouldNotRun(f"{stack.name} is {stack.status}. Wait for it, and ask again.")
            ours = stack.current == wanted
            self.say(f"{stack.name} is {stack.status}: waiting for it.")
            stack = self._ended()
            if ours and stack.rolled_back:
                raise ChangeRefused(self._refusal(stack))
        if not stack.settled:
            raise CouldNotRun(
                f"{stack.name} is {stack.status} ({stack.reason or 'no reason given'}); expected a complete one. "
                "Mend it by hand: docs/deploy.md, When a stack is stuck."
            )
        return stack

    def _check(self, wanted: Running) -> None:
        if not self.cloud.holds(wanted):
            raise CouldNotRun(f"The registry has no image {wanted.image}. Push it first.")
        firing = self.cloud.firing()
        if firing and not self.despite_alarms:
            raise CouldNotRun(
                f"{', '.join(firing)} fires already: a release now would be taken back at once. "
                "Look at it first, or give --despite-alarms."
            )

    def _migrate(self, stack: StackState, wanted: Running) -> None:
        label = f"release-{wanted.digest.removeprefix('sha256:')[:24]}"
        known = self.cloud.migrations(stack, label=label)
        running = [task for task in known if task["lastStatus"] != "STOPPED"]
        if running:
            arn = running[0]["taskArn"]
            self.say(f"The migration is under way already: {arn}.")
        elif any(_exit_code(task) == 0 for task in known):
            self.say("The migration was done already.")
            return
        else:
            arn = self.cloud.start_migration(stack, wanted, label=label)
            self.say(f"The migration started: {arn}.")
        for _ in self.clock.polls(seconds=self.limits.migration, every=self.limits.every):
            task = self.cloud.task(stack, arn)
            if task["lastStatus"] == "STOPPED":
                self._judge_migration(task)
                return
        raise Inconclusive(
            f"The migration {arn} did not end within {self.limits.migration:.0f} s and is still running; "
            "the service was not touched. Give the command again to go on waiting for it."
        )

    def _judge_migration(self, task: dict[str, object]) -> None:
        code = _exit_code(task)
        if code == 0:
            self.say("The migration is done.")
            return
        where = f"Its log: the streams migrate/… of the log group /ecs/{self.cloud.stack_name}."
        if code is None:
            raise CouldNotRun(
                f"The migration never ran ({task.get('stoppedReason') or 'no reason given'}); nothing was changed. "
                f"{where}"
            )
        raise ChangeRefused(f"The migration failed with exit code {code}; the service was not touched. {where}")

    def _updated(self, stack: StackState, wanted: Running, *, previous: Running) -> StackState:
        self.cloud.update(stack.with_image(wanted, previous=previous))
        self.say(f"{stack.name} is being updated to {wanted}.")
        stack = self._ended()
        if stack.rolled_back:
            raise ChangeRefused(self._refusal(stack))
        if stack.current != wanted:
            raise Inconclusive(f"{stack.name} runs {stack.current}, not {wanted}: somebody else updated it meanwhile.")
        return stack

    def _ended(self) -> StackState:
        for _ in self.clock.polls(seconds=self.limits.update, every=self.limits.every):
            stack = self.cloud.stack()
            if not stack.in_progress:
                return stack
        if stack.status != "UPDATE_IN_PROGRESS":
            raise Inconclusive(
                f"{stack.name} is {stack.status} since {self.limits.update:.0f} s ago. Give the command again."
            )
        self.say(f"{stack.name} was not updated within {self.limits.update:.0f} s: cancelling.")
        self.cloud.cancel()
        for _ in self.clock.polls(seconds=self.limits.update, every=self.limits.every):
            stack = self.cloud.stack()
            if not stack.in_progress:
                break
        raise Inconclusive(
            f"{stack.name} was not updated within {self.limits.update:.0f} s; "
            f"it is {stack.status} and runs {stack.current}."
        )

    def _prove(self, stack: StackState, wanted: Running) -> None:
        proof = self.prove(stack)
        doubt: str | None = None
        for _ in self.clock.polls(seconds=self.limits.proof, every=self.limits.every):
            rollout = self.cloud.rollout(stack)
            if rollout.state == "FAILED":
                raise ChangeRefused(f"ECS gave the deployment up: {rollout.reason}.")
            if rollout.state != "COMPLETED" or rollout.digests != {wanted.digest}:
                found = ", ".join(sorted(digest[:19] for digest in rollout.digests)) or "nothing"
                doubt = f"not yet: the deployment is {rollout.state}, its tasks run {found}"
                continue
            doubt = proof.refutation(wanted.revision)
            if doubt is None:
                self.say(f"Proven: {proof.origin} answers, and its tasks run {wanted}.")
                return
        assert doubt is not None  # noqa: S101
        if doubt.startswith("not yet: "):
            raise Inconclusive(f"Not proven within {self.limits.proof:.0f} s: {doubt.removeprefix('not yet: ')}.")
        raise ChangeRefused(f"Refuted: {doubt}.")

    def _watch(self, stack: StackState) -> None:
        if self.despite_alarms:
            self.say("The alarms are not watched: --despite-alarms.")
            return
        self.say(f"Watching the alarms of {stack.name} for {self.limits.watch:.0f} s.")
        for _ in self.clock.polls(seconds=self.limits.watch, every=self.limits.every):
            if firing := self.cloud.firing():
                raise ChangeRefused(f"{', '.join(firing)} fired after the release.")

    def _undone(self, ended: ReleaseEnded, *, wanted: Running, former: Running) -> ReleaseEnded:
        if former == wanted:
            return type(ended)(f"{ended} There is no former image to go back to.")
        self.say(f"{ended} Going back to {former}.")
        try:
            self._updated(self.cloud.stack(), former, previous=former)
        except ReleaseEnded as stuck:
            return CouldNotRun(f"{ended} And it could not be taken back: {stuck}")
        return type(ended)(f"{ended} Rolled back: {self.cloud.stack_name} runs {former}.")

    def _refusal(self, stack: StackState) -> str:
        reasons = "; ".join(self.cloud.failures()) or stack.reason or "CloudFormation gives no reason"
        return f"The update was rolled back, and {stack.name} runs {stack.current}: {reasons}."


def _exit_code(task: dict[str, object]) -> int | None:
    containers = task.get("containers")
    codes = [each.get("exitCode") for each in containers] if isinstance(containers, list) else []
    return codes[0] if codes and task["lastStatus"] == "STOPPED" else None
