#!/usr/bin/env python3
"""Scenarios: text anyone could have typed. A file holds commands after `$ ` and what they print below.

  $ attune -w shop init            run in an empty folder; `attune` is the program under test
  workspace ready in ...           `...` stands for anything within a line
  ...                              a line of `...` alone stands for any number of lines
  [exit 3]                         after a command that must fail with that code (its message stands before)

`{worlds}` is tests/worlds of the source folder, `{scenarios}` this one, `{data}` its data folder; `{attune}` is the program, `{python}` runs this. Standard error is printed after standard output.
Run: run.py --attune PROGRAM [scenario.txt ...]; prints one line a scenario and `N passed, N failed`.
"""
import argparse, pathlib, re, shlex, subprocess, sys, tempfile


def steps(text):
    """-> [(command, [expected lines], exit code)]"""
    found = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append([line[2:], [], 0])
        elif line.startswith("[exit ") and found:
            found[-1][2] = int(line[6:-1])
        elif found and not line.startswith("#"):
            found[-1][1].append(line)
    for step in found:
        while step[1] and not step[1][-1].strip():
            step[1].pop()
    return found


def matches(expected, got):
    """Do the lines agree, `...` standing for anything."""
    if not expected:
        return not got
    if expected[0].strip() == "...":
        return any(matches(expected[1:], got[n:]) for n in range(len(got) + 1))
    if not got:
        return False
    pattern = "".join(".*" if part == "..." else re.escape(part) for part in re.split(r"(\.\.\.)", expected[0].rstrip()))
    return re.fullmatch(pattern, got[0].rstrip()) is not None and matches(expected[1:], got[1:])


def run(path, program, source):
    with tempfile.TemporaryDirectory() as folder:
        for command, expected, code in steps(path.read_text(encoding="utf-8")):
            line = command.replace("{worlds}", str(source / "tests/worlds")).replace("{data}", str(source / "data"))
            line = line.replace("{scenarios}", str(source / "tests/scenarios")).replace("{attune}", shlex.quote(str(program))).replace("{python}", sys.executable)
            line = re.sub(r"(^|[|;&] *)attune ", lambda m: m.group(1) + shlex.quote(str(program)) + " ", line)
            done = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, timeout=300)
            got = (done.stdout + done.stderr).splitlines()
            if done.returncode != code or not matches(expected, got):
                return "$ %s\n  expected (exit %d):\n    %s\n  got (exit %d):\n    %s" % (
                    command, code, "\n    ".join(expected), done.returncode, "\n    ".join(got))
    return ""


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--attune", required=True, type=pathlib.Path)
    options.add_argument("files", nargs="*", type=pathlib.Path)
    asked = options.parse_args()
    program, source = asked.attune.resolve(), pathlib.Path(__file__).resolve().parents[2]
    files = asked.files or sorted((source / "tests/scenarios").glob("*.txt"))
    failed = 0
    for path in files:
        problem = run(path, program, source)
        print(("FAILED " if problem else "ok     ") + path.name + ("\n" + problem if problem else ""), flush=True)
        failed += bool(problem)
    print("%d passed, %d failed" % (len(files) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
