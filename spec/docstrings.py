"""The docstrings under the fields of a class: what a policy or an option means is said once, in the code."""

import ast
import inspect
import textwrap


def of_fields(cls: type) -> dict[str, str]:
    """For each assigned name in the body of a class, the first line of the string that follows it."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(definition, ast.ClassDef)
    found = {}
    for statement, following in zip(definition.body, [*definition.body[1:], None], strict=True):
        match statement, following:
            case ast.Assign(targets=[ast.Name(name)]) | ast.AnnAssign(target=ast.Name(name)), ast.Expr(ast.Constant(str(text))):
                found[name] = text.splitlines()[0].replace("``", "`")
    return found
