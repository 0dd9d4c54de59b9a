"""The held-out problems: known to the code, not to any seed, so that no data set is trained on one.

One problem in ``SHARE`` is held out, by the hash of its canonical form: whoever meets a problem can tell without a
list. The pool of 1,000 that models are asked (arXiv 2604.06425, section 3.1.4) is drawn from these.
"""

import ast
import hashlib
import random
import warnings
from collections.abc import Mapping
from functools import cache

from tracekit.tapes.families.math_problems import FUNCTIONS, Problem, draw

SHARE = 32
"""One problem in this many is held out."""

POOL_SIZE = 1_000

_KEY = b"tracekit held-out math 1"
"""Changing this changes which problems are held out: data made before would hold some of them."""


class _Commuted(ast.NodeTransformer):
    """Puts the two sides of every + and * in one order."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Add | ast.Mult):
            node.left, node.right = sorted((node.left, node.right), key=ast.unparse)
        return node


class _Closed(ast.NodeTransformer):
    """Puts values in the place of names."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id not in self._values or not isinstance(node.ctx, ast.Load):
            return node
        return ast.parse(repr(self._values[node.id]), mode="eval").body


def closed(source: str, values: Mapping[str, object]) -> str:
    """Python with literals in the place of names: ``a - b`` becomes ``28 - 23``.

    Args:
        source: Python that compiles.
        values: of names; their ``repr`` is a literal.
    """
    return ast.unparse(_Closed(values).visit(ast.parse(source)))


def canonical(source: str) -> str | None:
    """The form that all spellings of a problem share, or None if a text is no problem.

    Spacing, quotes, needless parentheses and the order of the sides of + and * make no difference, nor does a
    ``print`` around the whole or a name that takes its value. A problem is a closed Python expression (`Problem`) that
    does something.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Python, about escapes in what was never meant to be Python
            tree = ast.parse(source.strip())
        statement = tree.body[0] if len(tree.body) == 1 else None
        value = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print" and value.args:
            value = value.args[0]
        if value is None or not _works(value) or not _is_closed(value):
            return None
        return ast.unparse(_Commuted().visit(value))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _works(tree: ast.expr) -> bool:
    """Whether there is something to work out: a mere value is no problem."""
    return any(isinstance(node, ast.BinOp | ast.Compare | ast.Call | ast.Subscript) for node in ast.walk(tree))


def _is_closed(tree: ast.expr) -> bool:
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    bound = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return all(node.id in bound or node.id in FUNCTIONS for node in names)


def is_held_out(source: str) -> bool:
    """Whether a text is a problem that no training tape may hold, in any spelling; a text that is no problem is not."""
    spelled = canonical(source)
    if spelled is None:
        return False
    digest = hashlib.blake2b(spelled.encode(), key=_KEY, digest_size=8).digest()
    return int.from_bytes(digest, "big") % SHARE == 0


def draw_for_training(rng: random.Random, *kinds: str) -> Problem:
    """Draw a problem that is not held out, of one of these kinds, or of any."""
    while is_held_out((problem := draw(rng, *kinds)).source):
        pass
    return problem


@cache
def pool(size: int = POOL_SIZE) -> tuple[Problem, ...]:
    """The 1,000 held-out problems, or the first few of them: distinct, all kinds about equally often, ever the same."""
    rng = random.Random(_KEY)
    found: dict[str | None, Problem] = {}
    while len(found) < size:
        problem = draw(rng)
        if is_held_out(problem.source):
            found.setdefault(canonical(problem.source), problem)
    return tuple(found.values())
