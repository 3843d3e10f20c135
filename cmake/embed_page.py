#!/usr/bin/env python3
"""Writes the files of the built page as C++: embed_page.py OUT.cpp [DIST]. Each is packed with gzip; without DIST there are none."""
import gzip, pathlib, sys

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
         ".json": "application/json", ".webmanifest": "application/manifest+json", ".png": "image/png", ".txt": "text/plain; charset=utf-8"}


def main():
    out, dist = pathlib.Path(sys.argv[1]), [pathlib.Path(word) for word in sys.argv[2:]]
    files = sorted(path for folder in dist for path in folder.rglob("*") if path.is_file())
    lines = ["// Made by cmake/embed_page.py.", '#include "attune/serve/page_files.h"', "", "namespace attune::serve {", "namespace {"]
    rows = []
    for number, path in enumerate(files):
        packed = gzip.compress(path.read_bytes(), 9, mtime=0)
        lines.append(f"constexpr unsigned char k{number}[] = {{{','.join(map(str, packed))}}};")
        rows.append(f'    {{"{path.relative_to(dist[0]).as_posix()}", "{TYPES[path.suffix]}", k{number}}},')
    if rows:
        lines += ["constexpr PageFile kFiles[] = {", *rows, "};"]
    lines += ["}  // namespace", "", f"std::span<const PageFile> page_files() {{ return {'kFiles' if rows else '{}'}; }}", "", "}  // namespace attune::serve", ""]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("\n".join(lines), encoding="utf-8")


main()
