"""Questions to a Python file's syntax tree that say nothing about what its calls do.

Which statements stand at module level, which names they bind and use (as `symtable`, the compiler's own table, has
them), and which parts of them are evaluated at once.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterable, Iterator
from typing import TypeVar

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
T = TypeVar("T", bound=ast.AST)


def is_main_guard(node: ast.stmt) -> bool:
    """``if __name__ == "__main__"``, in either order."""
    return isinstance(node, ast.If) and "__name__" in {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)}


def prepares_imports(node: ast.stmt) -> bool:
    """Whether the imports after it need it: one of ``__future__``, or an addition to ``sys.path``."""
    if isinstance(node, ast.ImportFrom):
        return node.module == "__future__"
    return isinstance(node, ast.Expr) and ast.unparse(node).startswith(("sys.path.append(", "sys.path.insert("))


def flattened(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements at module level, those in branches among them."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try):
            for block in (node.body, node.orelse, getattr(node, "finalbody", [])):
                yield from flattened(block)
            for handler in getattr(node, "handlers", []):
                yield from flattened(handler.body)


def imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Each name that an import binds, and what it is the name of."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield bound_by_alias(alias), alias.name if alias.asname else bound_by_alias(alias)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield bound_by_alias(alias), f"{'.' * node.level}{node.module or ''}.{alias.name}"


def bound_by_alias(alias: ast.alias) -> str:
    """The name that one part of an import binds."""
    return alias.asname or alias.name.partition(".")[0]


def changed(node: T, **changes: object) -> T:
    """A copy of a node with other fields; the original belongs to the file."""
    new = type(node)(**{name: getattr(node, name) for name in node._fields if hasattr(node, name)} | changes)
    return ast.copy_location(new, node)


def evaluated(node: ast.AST) -> Iterator[ast.AST]:
    """The node and what is in it, without the bodies of functions and lambdas: those wait to be called."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            yield from evaluated(child)


def dotted(node: ast.expr) -> str | None:
    """``torch.nn.Linear`` as text; None for what is not a plain chain of names."""
    if isinstance(node, ast.Name):
        return node.id
    inner = dotted(node.value) if isinstance(node, ast.Attribute) else None
    return f"{inner}.{node.attr}" if inner is not None and isinstance(node, ast.Attribute) else None


def root(node: ast.expr) -> str | None:
    """The name that a chain of attributes and subscripts begins with; None where it begins with no name."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _table(node: ast.stmt) -> symtable.SymbolTable:
    return symtable.symtable(ast.unparse(ast.fix_missing_locations(node)), "", "exec")


def bound(node: ast.stmt) -> set[str]:
    """The names that a statement binds at module level."""
    if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
        return set()
    return {s.get_name() for s in _table(node).get_symbols() if s.is_assigned() or s.is_imported()}


def used(node: ast.stmt) -> set[str]:
    """The module's names that a statement refers to, at once or in the functions that it defines."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return set()
    tables, names = [_table(node)], set()
    for table in tables:
        tables += table.get_children()
        top = table is tables[0]
        names |= {s.get_name() for s in table.get_symbols() if s.is_referenced() and (top or s.is_global())}
    return names


def shown(node: ast.AST) -> str:
    """The first line of its source, in at most 60 characters."""
    text = ast.unparse(node).splitlines()[0]
    return text if len(text) <= 60 else f"{text[:57]}..."
