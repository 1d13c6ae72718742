"""Data flows one way: who may import whom, read from the code itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# What a room may import of ours, besides itself.
ALLOWED = {
    "firmware.events": set(),
    "firmware.config": set(),
    "firmware.control": set(),
    "firmware.signals": {"firmware.events"},
    "firmware.calls": {"firmware.events"},
    "firmware.audio": set(),
    "firmware.line": {"firmware.events", "firmware.signals"},
    "firmware.privacy": set(),
    "firmware.archive": {"firmware.calls", "firmware.audio", "firmware.privacy"},
    "firmware.learning": {
        *("firmware.archive", "firmware.audio", "firmware.calls", "firmware.config"),
        *("firmware.control", "firmware.events", "firmware.line"),
    },
    "web": {"firmware.archive", "firmware.evidence", "firmware.control", "firmware.config"}
    | {"firmware.choices", "firmware.law", "firmware.calls.consent", "firmware.audio.announce"},
}
PURE = ("firmware.signals", "firmware.calls")
IMPURE = {"time", "datetime.now", "os", "pathlib", "socket", "subprocess", "threading", "random"}


def modules() -> dict[str, Path]:
    found = {}
    for top in ("firmware", "web"):
        for path in (ROOT / top).rglob("*.py"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


def imports(path: Path) -> Iterator[str]:
    """Every module named in an import, also those inside functions and for types only."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: a relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def inside(name: str, room: str) -> bool:
    return name == room or name.startswith(room + ".")


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_imports_only_what_the_house_allows(room: str) -> None:
    known = modules()
    for name, path in known.items():
        if not inside(name, room):
            continue
        for used in imports(path):
            if used not in known or inside(used, room) or used in ("firmware", "web"):
                continue
            assert any(inside(used, other) for other in ALLOWED[room]), f"{name} imports {used}"


def test_the_firmware_never_imports_the_page() -> None:
    for name, path in modules().items():
        if inside(name, "firmware"):
            assert not [used for used in imports(path) if inside(used, "web")], name


@pytest.mark.parametrize("room", PURE)
def test_decoders_and_calls_do_no_input_or_output_and_read_no_clock(room: str) -> None:
    for name, path in modules().items():
        if inside(name, room):
            assert not IMPURE & set(imports(path)), name


def test_who_checks_a_bundle_needs_nothing_of_who_makes_it() -> None:
    """A court's expert reads the verifier alone."""
    known, reached, ahead = modules(), set(), ["firmware.evidence.bundle.verify"]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead += [used for used in imports(known[name]) if used in known]
    assert "firmware.evidence.bundle.container" in reached
    assert not reached & {"firmware.evidence.bundle.build", "firmware.evidence.log"}
    assert not [name for name in reached if not inside(name, "firmware.evidence")]


def test_no_two_modules_import_each_other() -> None:
    known = modules()
    uses = {
        name: {used for used in imports(path) if used in known and used != name}
        for name, path in known.items()
    }
    reached: dict[str, set[str]] = {}

    def visit(name: str, way: tuple[str, ...]) -> set[str]:
        assert name not in way, " -> ".join((*way, name))
        if name not in reached:
            reached[name] = set().union(
                *(visit(used, (*way, name)) | {used} for used in uses[name])
            )
        return reached[name]

    # A package's own face may name its parts; the parts name each other, never the face.
    for name in known:
        uses[name] -= {package for package in known if name.startswith(package + ".")}
    for name in known:
        visit(name, ())
