#!/usr/bin/env python3
"""Makes the table of README.md from the JSON lines in bench/results/: table.py [--check]. Nothing in it is typed by hand.

Every file holds what one command of bench/ printed; the last line for a row counts. --check: exit 1 when README is not up to date.
"""
import json, pathlib, sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- figures: made by bench/table.py -->", "<!-- end of figures -->"


def lines(name):
    path = ROOT / "bench/results" / (name + ".jsonl")
    return [json.loads(l) for l in path.read_text(encoding="utf-8").splitlines() if l.startswith("{")] if path.exists() else []


def last(name, **wanted):
    found = [d for d in lines(name) if all(d.get(k) == v for k, v in wanted.items())]
    return found[-1] if found else None


def seeds(name, **wanted):
    """The runs with the settings of the newest one, the newest of each seed. Epochs and minutes do not tell runs apart: early stopping writes them; where a run lists
    only what was set by hand, the rest is taken for equal."""
    def alike(d, other):
        a, b = (x.get("settings") or x["models"][0]["settings"] for x in (d, other))
        keys = set(a) | set(b) if "settings" in d else set(a) & set(b)
        return d.get("vectors") == other.get("vectors") and all(str(a.get(k)) == str(b.get(k)) for k in keys - {"epochs", "minutes"})
    found = [d for d in lines(name) if all(d.get(k) == v for k, v in wanted.items())]
    return list({d["seed"]: d for d in found if alike(d, found[-1])}.values())


def mean_of(runs, figure):
    return sum(d[figure] for d in runs) / len(runs)


def spread_of(runs, figure):
    """Standard deviation of one run."""
    middle = mean_of(runs, figure)
    return (sum((d[figure] - middle) ** 2 for d in runs) / (len(runs) - 1)) ** 0.5


def phrasings_cell(file):
    """First and second half, newest; then the same before any rule was mended, where that was measured."""
    halves = [[d for d in lines("talk") if d["bench"] == "talk/phrasings" and d["messages_in"] == file and d["half"].startswith(half)] for half in ("first", "second")]
    cell = "%.1f / %.1f %%" % tuple(100 * half[-1]["kept"] for half in halves)
    before = [half[0]["kept"] for half in halves if half[0].get("note", "").startswith("before")]
    return cell + ("; %.1f / %.1f %%" % tuple(100 * x for x in before) if len(before) == 2 else "; not measured")


def people_cell(clean, slips):
    fall = slips["fall_by_slips"]
    return "%.1f %% / %.1f %% = %.1f; %.1f %%: %.1f %% (%.1f to %.1f)" % (100 * clean["found"], 100 * clean["found_without_talk"], clean["ratio"], 100 * slips["found"], 100 * fall["share"], 100 * fall["low"], 100 * fall["high"])


def next_item_rows():
    bars = {"amazon-beauty": (".108 / .065", ".1002 / .0610"), "amazon-toys": (".120 / .076", ".1078 / .0663"),
            "amazon-games": (".1225 / .0745", "-"), "amazon-sports": (".0635 / .0395", ".0603 / .0348")}
    for name, (bar, published) in bars.items():
        cells = []
        for family in ("ids", "tfidf"):
            d = last("next_item", set=name, family=family, part="test")
            cells.append("%.4f / %.4f" % (d["hr@10"], d["ndcg@10"]) if d else "-")
        both = [d for d in (last("next_item", set=name, family=f, part="test") for f in ("tfidf+e5", "tfidf+minilm")) if d]
        chosen = json.loads((ROOT / "bench/offline/settings.json").read_text(encoding="utf-8")).get(name, {})
        best = max(both, key=lambda d: chosen.get(d["family"], {}).get("validation", {}).get("ndcg@10", 0)) if both else None
        what = "%.4f / %.4f (%s)" % (best["hr@10"], best["ndcg@10"], best["settings"]["priors"]) if best else "-"
        yield "| %s | %s | %s | **%s** | %s | %s |" % (name, cells[0], cells[1], what, bar, published)


def other_rows():
    def row(what, d, figure, bar, command):
        return "| %s | %s | %s | `%s` |" % (what, figure(d) if d else "not measured", bar, command)
    yield row("MovieLens-1M leave-one-out, SLIST, HR@10 / NDCG@10", last("next_item", set="movielens-1m", part="test"),
              lambda d: "%.4f / %.4f" % (d["hr@10"], d["ndcg@10"]), ".2823 / .1668", "bench_next_item --set lambda=200 --set priors=none")
    yield row("MovieLens-1M published index, EASE, NDCG@10 x 100", last("sets", set="movielens-1m-ratings", model="ease", part="test", fitted_on="training"),
              lambda d: "%.2f" % (100 * d["ndcg@10"]), "34.0", "bench_sets index --model ease --set lambda=800")
    yield row("W of SLIST with text priors against the NumPy reference, largest difference / largest entry", (lines("compare_w") or [None])[-1],
              lambda d: "%.1e" % d["share"], "1e-3", "bench/offline/compare_w.py")
    for model in ("ease", "slist"):
        yield row("fit of %s, 12,101 items, seconds against SciPy on the same BLAS" % model.upper(), last("solve_vs_scipy", model=model),
                  lambda d: "%.1f / %.1f = %.2f" % (d["attune_seconds"], d["scipy_seconds"], d["ratio"]), "1.0", "bench/offline/solve_vs_scipy.py")
    for data, name in (("movielens-1m", "MovieLens-1M"), ("syn10m.tsv", "10M events")):
        for factors in (64, 256):
            yield row("iALS, %s, %d factors: seconds an epoch and NDCG@10 over implicit's" % (name, factors),
                      last("ials", data=data, factors=factors, who="attune over implicit"),
                      lambda d: "%.2f and %.3f" % (d["epoch_wall"], d["ndcg@10"]), "1.0 and 1.0", "bench/offline/ials_vs_implicit.py")
    yield row("tuning: 30 trials of EASE and SLIST on Beauty with text priors, in times of one inverse (one fit alone: %s)" % ("%.1f s" % d["fit_alone_seconds"] if (d := last("tune_share", set="amazon-beauty")) else "-"),
              d, lambda d: "%.1f" % d["tune_in_inverses"], "20", "bench_tune_share")
    for negatives, name in ((256, "256 negatives"), (0, "full softmax")):
        yield row("training SASRec on Beauty, %s: seconds an epoch, attune / JAX; validation N@10 after %s epochs" % (name, "3"), last("sequence_vs_jax", negatives=negatives, epochs=3),
                  lambda d: "%.2f / %.2f; %.4f / %.4f" % (d["ours_epoch_seconds"], d["jax_epoch_seconds"], d["ours_validation_ndcg@10"], d["jax_validation_ndcg@10"]), "no slower, no worse",
                  "bench/offline/sequence_vs_jax.py")
    yield row("one request, 12,101 items, history of 50: score, filter, diversify, explain; p50 / p99 ms, one thread", (lines("request") or [None])[-1],
              lambda d: "%.2f / %.2f" % (d["p50_ms"], d["p99_ms"]), "p99 2", "bench_request_bench")
    yield row("import of 541,909 invoice lines, cleaned and durable, rows/s", (lines("import") or [None])[-1], lambda d: "{:,}".format(round(d["rows_per_s"])), "100,000",
              "bench_import_bench")
    yield row("full-ranking evaluation, 22,363 users x 12,101 items, all metrics, intervals, s", (lines("eval") or [None])[-1], lambda d: "%.1f" % d["seconds"], "10",
              "bench_eval_bench")
    yield row("metrics against pytrec_eval, ranx and NumPy, largest difference", (lines("eval_vs_peers") or [None])[-1], lambda d: "%.0e" % d["largest_difference"],
              "5e-7", "bench/offline/eval_vs_peers.py")
    yield row("MiniLM, 2,000 product texts/s: attune, onnxruntime fp32, llama.cpp (least cosine to fp32)", (lines("embed") or [None])[-1],
              lambda d: "%d, %d, %d (%.7f)" % (d["ours_texts_per_s"], d["onnxruntime_texts_per_s"], d["llama_texts_per_s"], d["ours_min_cosine"]),
              "no slower than onnxruntime", "bench/offline/embed.py")
    for language, name in (("en", "English, made-up shop"), ("zh", "Chinese, CrossWOZ restaurants")):
        yield row("conversation: all constraints kept over 5 turns, 250 scripted dialogues, %s; items named that do not exist; p99 ms" % name, last("talk", bench="talk/scripted", language=language),
                  lambda d: "%.1f %%; %d; %.1f" % (100 * d["kept"], d["items_not_in_catalogue"], d["p99_ms"]), "99 %; 0; 50", "bench_talk scripted")
    for file, name in (("en.txt", "English"), ("zh.txt", "Chinese"), ("zh_slips.txt", "Chinese with slips"), ("en_third.txt", "English, a third hand's"), ("zh_third.txt", "Chinese, a third hand's")):
        yield row("messages by another hand than the rules', %s: exactly what was meant holds; the half that rules were mended by / the half only counted; before any was mended" % name,
                  last("talk", bench="talk/phrasings", messages_in=file, half="second (only counted)"),
                  lambda d: phrasings_cell(file), "-", "bench_talk_phrasings")
    for people, name in (("points", "who only point at what is shown"), ("critic", "who also criticise it"), ("asks", "who also name what it has")):
        yield row("simulated users %s find a hidden liked item in 5 lists of 10, against 5 pages of the plain list, Online Retail; the same people with one word in ten misspelt: fewer by (95 %% interval)" % name, last("talk", bench="talk/people", people=people, slips=False),
                  lambda d: people_cell(d, last("talk", bench="talk/people", people=people, slips=True)), "twice; 5 % fewer", "bench_talk_people")
    for shots, name, bar in ((10, "BANKING77, 10 messages a class, mean of 5 draws, accuracy", "85.2 (ConveRT and USE)"), (0, "BANKING77, whole, accuracy", "93.7 (BERT, tuned)")):
        yield row(name, last("desk", set="banking77", part="test", shots=shots), lambda d: "%.1f %%" % d["accuracy"], bar, "bench_desk_intents banking77")
    clinc = last("desk", set="clinc150", part="test", outside_messages_taught=100, tuned="")
    tuned = last("desk", set="clinc150", part="test", tuned="3 of MiniLM")
    yield row("CLINC150, accuracy in scope: frozen encoders; with three copies of MiniLM tuned to the messages (`desk train --tune 3`)", clinc,
              lambda d: "%.1f %%%s" % (d["in_scope_accuracy"], "; %.1f %%" % tuned["in_scope_accuracy"] if tuned else ""), "97 (BERT, tuned: 96.9)", "bench_desk_intents clinc150 [--tuned FILE]")
    yield row("CLINC150, strange messages noticed with 95 % of known ones kept; without one strange message to learn from", clinc,
              lambda d: "%.1f %%%s" % (d["outside_recall_at_exactly_95_kept"], "; %.1f %%" % none["outside_recall_at_exactly_95_kept"] if (none := last("desk", set="clinc150", part="test", outside_messages_taught=0, tuned="")) else ""),
              "75", "bench_desk_intents clinc150 [--outside none]")
    if (bitext := last("desk", set="bitext", part="test")):
        yield row("Bitext's customer service, %d intents, accuracy" % bitext["intents"], bitext, lambda d: "%.1f %%" % d["accuracy"], "-", "bench_desk_intents bitext")
    yield row("a reply of the desk, p50 / p99 ms", last("desk", bench="desk_replies"), lambda d: "%.1f / %.1f" % (d["p50_ms"], d["p99_ms"]), "50", "chrt -r 1 bench_desk_intents replies")
    for by, name in (("rules", "rules"), ("rules and head", "rules and head"), ("rules and tuned head", "rules and head, after `attune guard learn`")):
        yield row("XSTest, by %s: unsafe refused / safe passed" % name, last("safety", bench="safety/judge", set="XSTest", by=by), lambda d: "%.1f %% / %.1f %%" % (100 * d["refused"], 100 * d["passed"]),
                  "95 % / 95 %", "bench_safety judge")
    for by, name in (("rules and head", "rules and head"), ("rules and tuned head", "rules and head, after `attune guard learn`")):
        yield row("own sentences on subjects that the guard did not learn from, by %s: refused / passed; CLINC150's validation messages passed" % name, last("safety", bench="safety/asked", by=by),
                  lambda d: "%.1f %% / %.1f %%; %.1f %%" % (100 * d["asked"]["refused"], 100 * d["asked"]["passed"], 100 * d["clinc150_passed"]), "-", "bench_safety_asked")
    yield row("orders in texts of the catalogue that reach a generator, of %d" % (last("safety", bench="safety/injections") or {}).get("orders_in_items", 0), last("safety", bench="safety/injections"),
              lambda d: "%d" % d["reach_a_generator"], "0", "bench_safety orders")
    yield row("a generator of 98 MB on 200 replies: rewritten and kept to every fact / template said instead; first token / reply, CPU s on one core (wall s, with so many other processes running)", last("safety", bench="safety/rewrite"),
              lambda d: "%d / %d; %.2f / %.2f (%.2f / %.2f, %.0f)" % (d["rewritten"], d["kept"], d["first_token_cpu_s_p50"], d["reply_cpu_s_p50"], d["first_token_s_p50"], d["reply_s_p50"], d["load"]), "0.5 / 3 s", "bench_safety rewrite")
    for backend, words in (("lies", "an endpoint that lies"), ("smollm2.gguf", "the generator of 98 MB")):
        yield row("dialogues with %s behind the chat: turns; items or titles named that are not in the catalogue; orders obeyed" % words, last("talk", bench="talk/generator", backend=backend),
                  lambda d: "%d (%d dialogues); %d; %d of %d" % (d["turns"], d["dialogues"], d["items_not_in_catalogue"] + d["sentences_naming_what_is_not_there"], d["orders_obeyed"], d["orders_said"]), "0; 0", "bench/offline/generator_talk.py")
    yield row("scripts/demo, second run, s", (lines("demo") or [None])[-1], lambda d: "%.0f" % d["seconds"], "60", "scripts/demo")


def fused_rows():
    bars = {"amazon-beauty": (".116 / .070", ".1002 / .0610"), "amazon-toys": (".128 / .081", ".1078 / .0663"), "amazon-games": (".133 / .080", "-"),
            "amazon-sports": (".070 / .043", ".0603 / .0348"), "yelp-s3rec": (".042 / .021", ".0393 / .0197"), "movielens-1m": (".320 / .188", ".3159 / .1857")}
    for name, (bar, published) in bars.items():
        tries = [d for d in lines("fusion") if d["set"] == name]
        if not tries:
            continue
        d = max(tries, key=lambda d: d["validation"]["fused"]["ndcg@10"])   # of several fusions the one that validation prefers
        refitted = [t["test_refitted"]["fused"] for t in tries if "test_refitted" in t]
        pair = lambda f: "%.4f / %.4f" % (f["hr@10"], f["ndcg@10"])
        network = next((s for s in ("bsarec", "sasrec") if s in d["test"]), None)
        yield "| %s | **%s** | %s | %s | %s | %s | %s |" % (name, pair(d["test"]["fused"]), pair(refitted[-1]) if refitted else "-", pair(d["test"]["slist"]), pair(d["test"][network]) if network else "-", bar, published)


def transformer_rows():
    for name, model, published in (("amazon-beauty", "bsarec", ".1002 / .0610"), ("amazon-toys", "bsarec", ".1078 / .0663"), ("amazon-games", "bsarec", "-"), ("amazon-sports", "bsarec", ".0603 / .0348"),
                                   ("yelp-s3rec", "bsarec", ".0393 / .0197"), ("movielens-1m", "sasrec", ".3159 / .1857")):
        runs = [d for d in seeds("sequence", set=name, model=model) if "test_ndcg@10" in d]
        if runs:
            yield "| %s | %s | %d | %.4f / %.4f | %s | %s |" % (name, model, len(runs), mean_of(runs, "test_hr@10"), mean_of(runs, "test_ndcg@10"),
                                                              "%.4f / %.4f" % (spread_of(runs, "test_hr@10"), spread_of(runs, "test_ndcg@10")) if len(runs) > 1 else "-", published)


def set_rows():
    def four(d):
        return ".%04d / .%04d / .%04d / .%04d" % tuple(round(1e4 * d[m + "@10"]) for m in ("recall", "mrr", "ndcg", "hr"))
    fused = "ease+ials+gf_cf+user_knn+ials"
    for name, command, wanted, bar, show in (
            ("MovieLens-1M published index, fused, N@10 x 100", "bench_sets index --fuse", dict(set="movielens-1m-ratings", model=fused, fitted_on="training"), "32.82 published", lambda d: "%.2f" % (100 * d["ndcg@10"])),
            ("the same, fitted again with validation, settings kept", "bench_sets index --fuse", dict(set="movielens-1m-ratings", model=fused, fitted_on="training and validation"), "35.0", lambda d: "%.2f" % (100 * d["ndcg@10"])),
            ("MovieLens-1M as RecBole splits it, fused, R / MRR / N / HR @10", "bench_sets recbole --fuse", dict(set="movielens-1m-recbole", model=fused), ".2116 / .4638 / .2750 / .7743 (XSimGCL)", four)):
        d = last("sets", part="test", **wanted)
        if d:
            yield "| %s | %s | %s | `%s` |" % (name, show(d), bar, command)
    for model, bar in (("bpr", ".1776 / .4187 / .2401 / .7199"), ("lightgcn", ".1861 / .4388 / .2538 / .7330"), ("xsimgcl", ".2116 / .4638 / .2750 / .7743"), ("simplex", "-")):
        runs = seeds("learned_vectors", part="test", model=model, set="movielens-1m-recbole")
        if runs:
            yield "| the same, %s alone, %s | %s | %s published | `bench_sets recbole --model %s` |" % (
                model, "mean of %d seeds" % len(runs) if len(runs) > 1 else "one seed", four({m: mean_of(runs, m) for m in ("recall@10", "mrr@10", "ndcg@10", "hr@10")}), bar, model)
    found = [d for d in lines("sets") if d["set"] == "gowalla" and d["part"] == "test" and d["model"].count("+") > 2]
    if found:   # the fusion that was best on validation
        held = {d["model"]: d["ndcg@20"] for d in lines("sets") if d["set"] == "gowalla" and d["part"] == "validation"}
        d = max(found, key=lambda d: held.get(d["model"], 0))
        yield "| Gowalla, fused, R@20 / N@20 | .%04d / .%04d | .188 / .158; SimpleX .1872 / .1557, UltraGCN N .1580 published | `bench_sets gowalla --fuse` |" % (round(1e4 * d["recall@20"]), round(1e4 * d["ndcg@20"]))
    d = last("sets", set="gowalla", part="test", model="gf_cf")
    if d:
        yield "| the same, gf_cf alone | .%04d / .%04d | .1849 / .1518 published | `bench_sets gowalla --model gf_cf` |" % (round(1e4 * d["recall@20"]), round(1e4 * d["ndcg@20"]))
    for model, what, bar in (("lightgcn", "lightgcn alone, softmax", ".1830 / .1554"), ("bpr", "bpr alone", ".1291 / .1109")):
        d = last("learned_vectors", set="gowalla", part="test", model=model)
        if d:
            yield "| the same, %s | .%04d / .%04d | %s published | `bench_sets gowalla --model %s` |" % (what, round(1e4 * d["recall@20"]), round(1e4 * d["ndcg@20"]), bar, model)
    runs = [d["ndcg@10"] for d in lines("mult_vae") if d["part"] == "test"]
    if runs:
        yield "| MovieLens-1M published index, mult_vae alone, N@10 x 100, %d seeds | %.2f | 22.14 published | `bench_sets index --model mult_vae` |" % (len(runs), 100 * sum(runs) / len(runs))
    d = next((d for d in reversed(lines("movielens_ratings")) if d["set"] == "movielens-1m-ratings" and d["part"] == "test" and d["settings"].get("loss") == "rating"), None)
    if d:
        yield "| MovieLens-1M ratings, tuned_cosine, RMSE / MAE (user and item means) | %.3f / %.3f (%.3f / %.3f) | - | `bench_movielens_ratings` |" % tuple(d[k] for k in ("tuned_cosine rmse", "tuned_cosine mae", "user+item rmse", "user+item mae"))
    runs = [d["ndcg@10"] for d in lines("cold_users") if d["model"] == "slist blended" and d["from"] == "text" and not d["own_item"]]
    if runs:
        yield "| cold users with a text (of a random item of theirs, which may not stand for itself), Online Retail, N@10, %d draws | %.4f | .204 | `bench_cold_users` |" % (len(runs), sum(runs) / len(runs))
    for name, label in (("retail", "Online Retail"), ("amazon-games", "Games"), ("movielens", "MovieLens with plots")):
        by_variant = {}
        for d in lines("cold_items"):
            if d["set"] == name and d["part"] == "test":
                by_variant.setdefault(d["variant"], {})[d["seed"]] = d
        if "column" not in by_variant:
            continue
        draws = len(by_variant["column"])
        mean = {v: {k: sum(d[k] for d in ds.values()) / len(ds) for k in ("cold_ndcg@10", "lifted_all_ndcg@10", "warm_loss")} for v, ds in by_variant.items() if len(ds) == draws}
        others = [v for v in mean if v.startswith(("like:", "ridge:", "knn:tfidf"))]
        allowed = [v for v in others if mean[v]["warm_loss"] < 0.01]   # the same bound for all
        near, among = max(others, key=lambda v: mean[v]["cold_ndcg@10"]), max(allowed, key=lambda v: mean[v]["lifted_all_ndcg@10"])
        yield "| new items, %s, a tenth hidden%s: N@10 among the new / among all; known items lose | %.4f / %.4f; %.2f %% | above text cosine, one-encoder ridge, TF-IDF transfer: best of them %.4f (%s) / %.4f (%s) | `bench_cold_items` |" % (
            label, ", mean of %d draws" % draws if draws > 1 else "", mean["column"]["cold_ndcg@10"], mean["column"]["lifted_all_ndcg@10"], 100 * mean["column"]["warm_loss"],
            mean[near]["cold_ndcg@10"], near, mean[among]["lifted_all_ndcg@10"], among)
    for source, name in dict.fromkeys((d["source"], d["set"]) for d in lines("transfer")):
        found = {d["model"]: d for d in lines("transfer") if (d["source"], d["set"]) == (source, name) and d["part"] == "test"}
        moved = [d for m, d in found.items() if m.startswith("alpharec") and not m.endswith("events there")]
        cosines = [d for m, d in found.items() if m.startswith("text_similarity")]
        if moved and cosines:
            best, cosine = max(moved, key=lambda d: d["ndcg@10"]), max(cosines, key=lambda d: d["ndcg@10"])
            passed, pair = found.get(best["model"] + " + events there"), lambda d: "%.4f / %.4f" % (d["hr@10"], d["ndcg@10"])
            yield "| learned on %s, ranks %s, nothing trained there: alpharec by texts alone; with others' events passed along its graph, HR / N @10 | %s; %s | text cosine %s, popularity learned there %s | `bench_transfer` |" % (
                source, name, pair(best), pair(passed) if passed else "-", pair(cosine), pair(found["popularity, learned there"]))
    for name, bar, features in (("movie", "72.6 share of likes, 71.98 TALLRec", "share,age,text"), ("book", "69.9 share of likes, 64.38 TALLRec", "share,author")):
        d = last("tallrec", set=name, part="test", features=features, shots=256)
        if d:
            yield "| TALLRec's %ss, 256 shots, AUC (95 %% interval of the gain over the share of likes) | %.2f (%+.2f to %+.2f) | %s | `bench_tallrec` |" % (
                name, d["auc"], d["above_share_low"], d["above_share_high"], bar)
    for name, label, bars in (("ml-1m-200", "MovieLens", ("26.67 UniSRec", "60")), ("Games-200", "Games", ("40.71 UniSRec", "63"))):
        found = [d for d in lines("candidates") if d["set"] == name and d["part"] == "test"]
        fitted = ("slist", "SLIST") if label == "MovieLens" else ("sum 4*ials", "iALS, texts and item-kNN summed (weights by validation)")
        for kind, what, bar in (("sum 1*text_similarity:text=minilm+1*text_similarity:text=e5", "texts alone, nothing fitted", bars[0]), (*fitted, bars[1])):
            d = next((d for d in reversed(found) if d["model"].startswith(kind)), None)
            if d:
                yield "| LLMRank's 20 candidates, %s, %s, N@10 | %.1f | %s | `bench_candidates` |" % (label, what, d["ndcg@10"], bar)
    for name, label, bar in (("redial", "ReDial's test dialogues", ".050 / .140 / .201 / .267 (GPT-4, zero-shot)"), ("redial-cikm", "the same, the turns He et al. ask about", "the same"), ("inspired", "INSPIRED's test dialogues", ".066 / .133 / .185 / .218 (GPT-4, zero-shot)"),
                             ("opendialkg-books", "OpenDialKG's book dialogues", "-"), ("crosswoz", "CrossWOZ (Chinese)", "-")):
        d = next((d for d in reversed(lines("conversation")) if d["bench"] == "conversation/" + name and d["by"] == "learned" and not d["learned"].startswith(("without", "general"))), None)
        if d:
            yield "| %s, new items of %s turns, R@1 / 5 / 10 / 20 | %.4f / %.4f / %.4f / %.4f | %s | `bench/offline/conversation.py` |" % (
                label, "{:,}".format(d["turns"]), *(d["recall@%d" % k] for k in (1, 5, 10, 20)), bar)


def table():
    out = ["Next item, leave-one-out, full ranking, HR@10 / NDCG@10 of SLIST (`bench/offline/choose.py`):", "",
           "| set | ids only | with TF-IDF | with TF-IDF and an encoder | bar | best published, ids only |", "|---|---|---|---|---|---|", *next_item_rows(), "",
           "Fused: SLIST, a Transformer and others, weights learned on validation, HR@10 / NDCG@10 (`bench_fusion`, settings in bench/offline/fusion.json):", "",
           "| set | fused | fused, validation events learned from too | SLIST alone | Transformer alone | bar | best published |", "|---|---|---|---|---|---|---|", *fused_rows(), "",
           "The Transformers alone, HR@10 / NDCG@10 (`bench_sequence`, one setting a set, chosen on validation):", "",
           "| set | model | seeds | mean | standard deviation of a run | best published |", "|---|---|---|---|---|---|", *transformer_rows(), "",
           "| sets, ratings, cold start | measured | bar | command |", "|---|---|---|---|", *set_rows(), "",
           "| what | measured | bar | command |", "|---|---|---|---|", *other_rows()]
    return "\n".join(out)


def main():
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    made = head + BEGIN + "\n" + table() + "\n" + END + rest.split(END)[1]
    if "--check" in sys.argv:
        return int(made != text)
    readme.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
