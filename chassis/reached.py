"""Which refusals may come of a door: every slug in the code that the door reaches.

Read from the functions themselves, along the names that they use: from the door and what is sent to it to the use
case, the rule and the table behind it. What is chosen while the program runs (a method of some object, a function that
was handed over) is not seen; the door's docstring may name what is missing.
"""

import dis
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from inspect import signature, unwrap
from types import CodeType, FunctionType, ModuleType
from typing import Any, get_args

# Where refusals of doors stand; other code is not looked through.
OURS = ("services.", "chassis.etags", "chassis.paging", "gateway.")


@dataclass(frozen=True, slots=True)
class Read:
    """What stands in a function: its words, and the functions that it names."""

    words: frozenset[str]
    named: tuple[FunctionType, ...]


def slugs_reached(door: Callable[..., Any], known: Collection[str]) -> list[str]:
    """The slugs, among those that are known, in all code that a door reaches; in their order."""
    found: set[str] = set()
    waiting = [*_functions_in(door), *_sent_to(door)]
    seen = set(waiting)
    while waiting:
        read = _read(waiting.pop())
        found |= read.words
        news = [function for function in read.named if function not in seen]
        seen.update(news)
        waiting += news
    return sorted(found & set(known))


def _sent_to(door: Callable[..., Any]) -> Iterator[FunctionType]:
    """The methods of what a door takes."""
    kinds = [parameter.annotation for parameter in signature(door).parameters.values()]
    while kinds:
        kind = kinds.pop()
        yield from _functions_in(kind)
        kinds += get_args(kind)


@cache
def _read(function: FunctionType) -> Read:
    codes = list(_codes_in(function.__code__))
    words = {word for code in codes for word in code.co_consts if isinstance(word, str)}
    named = {
        inner: None for code in codes for one in _named_in(code, function.__globals__) for inner in _functions_in(one)
    }
    return Read(frozenset(words), tuple(named))


def _functions_in(named: object) -> Iterator[FunctionType]:
    """The function that a name stands for, or the methods of the class; of ours alone."""
    if isinstance(named, ModuleType) or not _is_ours(named):
        return
    if isinstance(named, FunctionType):
        bare = unwrap(named)
        if isinstance(bare, FunctionType):
            yield bare
    elif isinstance(named, type):
        parts = (part for base in named.__mro__ if base.__module__.startswith(OURS) for part in vars(base).values())
        for part in parts:
            inner = getattr(part, "fget", None) or getattr(part, "__func__", part)
            if isinstance(inner, FunctionType):
                yield inner


def _is_ours(named: object) -> bool:
    """Is it of our own code: a module, or what stands in one?"""
    module = named.__name__ if isinstance(named, ModuleType) else getattr(named, "__module__", None)
    return str(module).startswith(OURS)


def _codes_in(code: CodeType) -> Iterator[CodeType]:
    """A function's code, and that of the functions inside it."""
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _codes_in(inner)


def _named_in(code: CodeType, names: dict[str, object]) -> Iterator[object]:
    """What the names in a piece of code stand for, along the dots: `actions.reports.sign_report`."""
    if not any(_is_ours(names.get(name)) for name in code.co_names):
        # Most pieces name nothing of ours, and to take one apart is slow.
        return
    held: object = None
    for step in dis.get_instructions(code):
        if step.opname == "LOAD_GLOBAL":
            held = names.get(str(step.argval))
        elif step.opname in ("LOAD_ATTR", "LOAD_METHOD") and isinstance(held, ModuleType | type):
            held = getattr(held, str(step.argval), None)
        else:
            continue
        yield held
