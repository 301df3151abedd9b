"""`neo lock`: lock files with hashes and without addresses, each a part of the last one (ADR 0013)."""

import shutil
import subprocess
import tomllib
from pathlib import Path

from deploy.show import Voice

GROUPS = {
    "services": (),
    "image": ("matching",),
    "local": ("local",),
    "test": ("local", "test"),
    "check": ("local", "test", "check"),
    "ci": ("local", "test", "check", "ci", "matching"),
}


def _uv(root: Path) -> str | None:
    own = [root / ".venv-uv" / "bin" / "uv", root / ".venv-uv" / "target" / "bin" / "uv"]
    return shutil.which("uv") or next((str(path) for path in own if path.exists()), None)


def lock(root: Path, voice: Voice) -> int:
    """Resolve the largest group first; the others are parts of it. Returns the exit code."""
    uv = _uv(root)
    if uv is None:
        voice.trouble("lock.no-uv")
        return 2
    newest = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["neo"]["exclude-newer"]
    options = ["--universal", "--generate-hashes", "--no-emit-index-url", "--no-header", "--no-annotate", "--quiet"]
    for name in reversed(GROUPS):
        groups = [part for group in GROUPS[name] for part in ("--group", group)]
        inside = [] if name == "ci" else ["-c", "locks/ci.txt"]
        command = [uv, "pip", "compile", *options, "--exclude-newer", newest, "pyproject.toml", *groups, *inside]
        code = subprocess.call([*command, "-o", f"locks/{name}.txt"], cwd=root)
        if code:
            return code
    voice.say("lock.done")
    return 0
