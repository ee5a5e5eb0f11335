"""What our own mutations do to code, so that a survivor is read for what it is."""

import importlib.util
import sys
from pathlib import Path

import pytest
from cosmic_ray import mutating


def operators():
    spec = importlib.util.spec_from_file_location("mutations", Path(__file__).with_name("operators.py"))
    module = sys.modules["mutations"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.OURS.values()


@pytest.mark.parametrize("operator", operators(), ids=lambda each: each.__name__)
def test_our_operators_do_what_their_examples_say(operator):
    for example in operator.examples():
        mutated = mutating.mutate_code(example.pre_mutation_code, operator(), example.occurrence)
        assert mutated == example.post_mutation_code
