#!/usr/bin/env python3
"""Holds every #include "attune/..." to attune/FLOORS: a file may include its own folder and any lower floor, never a neighbour.

Run by ctest as `floors`. Files over 300 lines are named, as a warning only.
"""
import re
import sys
from pathlib import Path

root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
floor_of = {}
for line in (root / "attune/FLOORS").read_text().splitlines():
    if line[:1].isdigit():
        floor, *folders = line.split()
        floor_of.update((folder, int(floor)) for folder in folders)

wrong, long_files, read = [], [], 0
for path in sorted((root / "attune").rglob("*")):
    if path.suffix not in (".h", ".cpp"):
        continue
    read += 1
    name = path.relative_to(root)
    folder = name.parts[1]
    lines = path.read_text(encoding="utf-8").splitlines()
    if folder not in floor_of:
        wrong.append(f"{name}: the folder '{folder}' stands on no floor; add it to attune/FLOORS")
        continue
    if len(lines) > 300:
        long_files.append(f"{name}: {len(lines)} lines")
    for number, line in enumerate(lines, 1):
        found = re.match(r'\s*#\s*include\s*"(.*)"', line)
        if not found or found[1] == "attune/plugins.def":
            continue
        parts = found[1].split("/")
        if parts[0] != "attune" or len(parts) < 3:
            wrong.append(f'{name}:{number}: include "{found[1]}" by its whole path from attune/')
        elif parts[1] not in floor_of:
            wrong.append(f"{name}:{number}: includes attune/{parts[1]}, which stands on no floor")
        elif parts[1] != folder and floor_of[parts[1]] >= floor_of[folder]:
            wrong.append(f"{name}:{number}: {folder} (floor {floor_of[folder]}) may not include "
                         f"{parts[1]} (floor {floor_of[parts[1]]})")

for line in long_files:
    print("warning: longer than 300 lines:", line)
for line in wrong:
    print("error:", line)
print(f"{read} files read, {len(wrong)} wrong includes")
sys.exit(bool(wrong))
