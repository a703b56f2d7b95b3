"""Delimiters of templates: what may be given, what it means, and every mistake at its place."""

from __future__ import annotations

import pytest

from broadcast.config.delimiters import DEFAULT, NUNJUCKS, Delimiters
from tests.unit.config.test_parse import pointed_at, targets, the_problem

CONFIG = "version: 1\ntargets: [acme/api]\nfiles: [{src: a, %s}]\n"


def read(given: str) -> Delimiters:
    (target,) = targets(CONFIG % f"template: true, {given}").values()
    return target.mappings[0].delimiters


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("required: true", DEFAULT),
        ('delimiters: ["<%", "%>"]', Delimiters(("<%", "%>"))),
        ('delimiters: ["{{", "}}"]', NUNJUCKS),
        ('delimiters: {variable: ["{{", "}}"]}', NUNJUCKS),
        ('delimiters: {block: ["<%", "%>"]}', Delimiters(block=("<%", "%>"))),
        ('delimiters: {variable: ["<%=", "%>"], block: ["{%", "%}"], comment: ["<#", "#>"]}', Delimiters(("<%=", "%>"), ("{%", "%}"), ("<#", "#>"))),
        ('delimiters: {variable: ["<%=", "%>"], block: ["<%", "%>"], comment: ["<%#", "%>"]}', Delimiters(("<%=", "%>"), ("<%", "%>"), ("<%#", "%>"))),
        ('delimiters: ["«", "»"]', Delimiters(("«", "»"))),
    ],
)  # fmt: skip
def test_a_pair_is_for_values_and_a_mapping_for_each_kind(given, meant):
    assert read(given) == meant


@pytest.mark.parametrize(
    ("given", "said", "at"),
    [
        ('["<%"]', "delimiters must be two texts", '"<%"'),
        ('["<%", "%>", "x"]', "delimiters must be two texts", '"<%"'),
        ("[]", "delimiters must be two texts", "{src"),
        ("{}", "delimiters must be two texts", "{src"),
        ('["", "x"]', "delimiters: '' must have 1 to 10 characters", '""'),
        ('["<<<<<<<<<<<", ">"]', "delimiters: '<<<<<<<<<<' must have 1 to 10 characters", '"<<<'),
        ('["< <", ">>"]', "delimiters: '< <' can't hold spaces or control characters", '"< <"'),
        ('["<<", ">\\t"]', "delimiters: '>\\t' can't hold spaces or control characters", '"<<"'),
        ('["@", "@"]', "delimiters: '@' and '@' can't be distinguished", '"@"'),
        ('["@", "@@"]', "delimiters: '@' and '@@' can't be distinguished", '"@"'),
        ('["[%", "%]"]', "delimiters: '[%' and '[%' both open a tag", '"[%"'),
        ('["[", "]"]', "delimiters: '[' and '[%' both open a tag", '"["'),
        ('["[%#!", "]"]', "delimiters: '[%#!' and '[%#' both open a tag", '"[%#!"'),
        ('{block: ["[[", "]]"]}', "delimiters: '[[' and '[[' both open a tag", '"[["'),
        ('{comment: ["[%", "%]"]}', "delimiters: '[%' and '[%' both open a tag", '"[%"'),
        ('["${{", "}}"]', "delimiters: '${{' begins GitHub's own expressions", '"${{"'),
    ],
)  # fmt: skip
def test_what_can_not_work_is_refused_at_its_place(given, said, at):
    problem = the_problem(CONFIG.replace("%s", f"template: true, delimiters: {given}"))
    assert said in problem.message
    assert pointed_at(problem).startswith(at)


def test_delimiters_of_what_is_no_template_are_a_mistake():
    problem = the_problem(CONFIG % "delimiters: ['<', '>']")
    assert (problem.message, problem.remedy) == ("delimiters have no effect without a template", "add `template: true`")
