#!/usr/bin/env python3
"""rules.py - SPEC.md's rule ids and the cases that cite them. TAP, from the repository root.

SPEC.md names a rule by {id} at its end, by a table's column id, or, an instruction, by its mnemonic. A case cites what its
line `rule` names, and the instruction of its line `run`. Neither side may name what the other does not have.
"""
import glob
import os
import re
import sys

HERE = "tests/conformance"

# Rules that no case can express: who tests them, and why a case cannot.
ELSEWHERE = {
    "answer": ("tests/cli/resume.sh", "what a host does between two runs"),
    "time": (f"{HERE}/self.sh", "a case has no clock"),
    "output": (f"{HERE}/self.sh", "the file that a program writes"),
    "refusal": (f"{HERE}/self.sh", "exit status and message"),
    "failure": (f"{HERE}/self.sh", "exit status"),
}


def ids_of_tables(spec):
    in_column = False
    for line in spec.split("\n"):
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if not cells:
            in_column = False
        elif in_column and not cells[0].startswith("---"):
            yield from filter(None, cells[0].split(", "))
        in_column = in_column or cells[:1] == ["id"]


def mnemonics(spec, table):
    body = spec.partition(f"<!-- table: {table} -->")[2].partition("<!-- end table -->")[0]
    return re.findall(r"^\| (?:0x[0-9A-F]{2}|[0-9]+) \| `([a-z0-9._]+)", body, re.M)


def rules_of(spec):
    """Every id, in the order of the text, as often as it is given."""
    return (re.findall(r"\{([^}\s]+)\}", spec) + list(ids_of_tables(spec)) + mnemonics(spec, "classes and opcodes")
            + ["classic." + name for name in mnemonics(spec, "classic opcodes")])


def cases_of(path):
    """A case's place, and what it cites."""
    found = []
    with open(path, encoding="ascii") as file:
        for number, line in enumerate(file, 1):
            key, _, rest = line.strip().partition(" ")
            if key == "case":
                found.append((f"{path}:{number}: {rest}", []))
            elif key == "rule" and found:
                found[-1][1].extend(part.strip() for part in rest.split(","))
            elif key == "run" and found:
                found[-1][1].append(rest.split()[0])
    return found


def complaints(spec, cases):
    """For each check its name and what is wrong, a line each."""
    rules = rules_of(spec)
    known, cited = set(rules), {name for _, names in cases for name in names}
    yield "every id is given once", [f"{name} is given twice" for name in sorted(known) if rules.count(name) > 1]
    yield "every cited rule is in SPEC.md", [
        f"{place}: SPEC.md has no rule {name!r}" for place, names in cases for name in names if name not in known]
    yield "every case cites a rule", [f"{place}: cites no rule" for place, names in cases if not names]
    yield "every rule has a case", [
        f"no case cites {name}" for name in sorted(known - cited - set(ELSEWHERE))]
    yield "the exceptions are rules without a case, and their tests are there", [
        f"{name}: {test}, {why}" for name, (test, why) in ELSEWHERE.items()
        if name not in known or name in cited or not os.path.exists(test)]


def wrong(spec, cases):
    return [line for _, lines in complaints(spec, cases) for line in lines]


def planted(spec, cases):
    """What is wrong on purpose, and a complaint that must come of it."""
    place, names = cases[0]
    lone = next(name for name in rules_of(spec) if sum(name in cited for _, cited in cases) == 1)
    yield "a case that cites what there is not", spec, [(place, names + ["fetsh"])] + cases[1:], "no rule 'fetsh'"
    yield "a case that cites nothing", spec, [*cases, ("here", [])], "here: cites no rule"
    yield "no case for a rule in braces", spec + "\nSo it is. {so-it-is}\n", cases, "no case cites so-it-is"
    yield "no case for a row", spec + "\n| id | what |\n| --- | --- |\n| a-row | x |\n", cases, "no case cites a-row"
    yield f"the only case of {lone} gone", spec, [c for c in cases if lone not in c[1]], f"no case cites {lone}"
    yield "an id twice", spec + "\nOnce more. {fetch}\n", cases, "fetch is given twice"
    yield "an exception that a case cites", spec, [(place, names + ["time"])] + cases[1:], "time: "


def main():
    with open("pxi/SPEC.md", encoding="utf-8") as file:
        spec = file.read()
    cases = [case for path in sorted(glob.glob(f"{HERE}/*.pxt")) for case in cases_of(path)]
    results = list(complaints(spec, cases))
    for name, text, instead, pattern in planted(spec, cases) if not wrong(spec, cases) else []:
        lines = wrong(text, instead)
        results.append((f"caught: {name}", [] if any(pattern in line for line in lines) else ["not caught"]))
    failed = 0
    for number, (name, lines) in enumerate(results, 1):
        print(f"{'not ' if lines else ''}ok {number} - {name}")
        print("".join(f"# {line}\n" for line in lines[:40]), end="")
        failed += bool(lines)
    print(f"1..{len(results)}\n# {len(set(rules_of(spec)))} rules, {len(cases)} cases")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
