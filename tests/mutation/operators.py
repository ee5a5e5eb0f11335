"""What is done to the code: a choice of Cosmic Ray's operators, and two of our own for tables and for checks."""

import parso
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.plugins import OPERATOR_PROVIDERS

CHOSEN = {
    "core/AddNot",
    "core/ExceptionReplacer",
    "core/NumberReplacer",
    "core/RemoveDecorator",
    "core/ReplaceAndWithOr",
    "core/ReplaceOrWithAnd",
    "core/ReplaceTrueWithFalse",
    "core/ReplaceFalseWithTrue",
    "core/ReplaceBreakWithContinue",
    "core/ReplaceContinueWithBreak",
    "core/ReplaceUnaryOperator_Delete_Not",
    "core/ZeroIterationForLoop",
    *(f"core/ReplaceBinaryOperator_{pair}" for pair in ("Add_Sub", "Sub_Add", "Sub_BitOr")),
    *(f"core/ReplaceBinaryOperator_{pair}" for pair in ("BitOr_BitAnd", "BitAnd_BitOr", "BitOr_Sub")),
    *(f"core/ReplaceComparisonOperator_{pair}" for pair in ("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is")),
    *(f"core/ReplaceComparisonOperator_{pair}" for pair in ("Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt")),
    *(f"core/ReplaceComparisonOperator_{pair}" for pair in ("Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt")),
    "ours/RemoveMember",
    "ours/RemoveStatement",
}
"""Left out are those that say the same twice, or nothing: `is` for `==` of a word, shifts and powers of sets."""


def members(node):
    """What stands between the commas of a literal set, tuple, list or table, each as its nodes; else nothing."""
    if node.type != "atom" or len(node.children) != 3 or node.children[0].value not in "{([":
        return []
    inside = node.children[1]
    if inside.type not in ("testlist_comp", "dictorsetmaker"):
        return [[inside]] if node.children[0].value == "{" else []
    found = [[]]
    for child in inside.children:
        if child.type in ("comp_for", "sync_comp_for"):
            return []
        if child.type == "operator" and child.value == ",":
            found.append([])
        else:
            found[-1].append(child)
    commas = any(child.type == "operator" and child.value == "," for child in inside.children)
    return [each for each in found if each] if commas or node.children[0].value == "{" else []


class RemoveMember(Operator):
    """One member of a literal set, tuple or list, or one row of a table, is not there."""

    def mutation_positions(self, node):
        for nodes in members(node):
            yield nodes[0].start_pos, nodes[-1].end_pos

    def mutate(self, node, index):
        theirs = members(node)
        kept = ["".join(part.get_code() for part in each) for i, each in enumerate(theirs) if i != index]
        opening, closing = node.children[0].value, node.children[2].value
        prefix = node.get_first_leaf().prefix
        is_table = any(part.type == "operator" and part.value in (":", "**") for part in theirs[0])
        if not kept and opening == "{" and not is_table:
            return parso.parse(f"{prefix}set()")
        last = "," if opening == "(" and kept else ""
        return parso.parse(f"{prefix}{opening}{','.join(kept)}{last}{closing}")

    @classmethod
    def examples(cls):
        return (
            Example("x = {1, 2}", "x = { 2}"),
            Example("x = {1}", "x = set()"),
            Example("x = (1, 2)", "x = (1,)", occurrence=1),
            Example("x = {1: 2, 3: 4}", "x = { 3: 4}"),
        )


class RemoveStatement(Operator):
    """A call that is made for what it does, or an error that is raised, is not there."""

    def mutation_positions(self, node):
        if node.type == "simple_stmt" and self._acts(node.children[0]):
            yield node.children[0].start_pos, node.children[0].end_pos

    def _acts(self, statement):
        if statement.type == "raise_stmt":
            return True
        is_call = statement.type in ("atom_expr", "power") and statement.children[-1].type == "trailer"
        return is_call and statement.children[-1].children[0].value == "("

    def mutate(self, node, index):
        return parso.parse(f"{node.get_first_leaf().prefix}pass{node.children[-1].get_code()}")

    @classmethod
    def examples(cls):
        return (
            Example("check(x)\n", "pass\n"),
            Example("if x:\n    raise ValueError\n", "if x:\n    pass\n"),
        )


OURS = {each.__name__: each for each in (RemoveMember, RemoveStatement)}


class Ours:
    """The two above, as Cosmic Ray asks a provider for them."""

    def __iter__(self):
        return iter(OURS)

    def __getitem__(self, name):
        return OURS[name]


OPERATOR_PROVIDERS["ours"] = Ours()
