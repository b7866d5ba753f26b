#!/usr/bin/env python3
"""`frontdesk text …`: the real binary on small files, with spelling alone where a model is not the point."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import unittest

import harness

COMMAND = harness.BINARY / "tools/frontdesk/frontdesk"
MODELS = harness.SOURCE / ".cache/models"
TEXTS = {
    "greet": ["good morning to you", "hello there my friend", "good evening everybody", "hi hello again",
              "hello good afternoon", "morning friend hello"],
    "refund": ["I want my money back", "please refund this order", "give me back the money I paid",
               "a refund for order 12 please", "refund the money now", "when is my money back"],
    "delivery": ["where is my parcel", "the parcel has not come", "when does the parcel arrive",
                 "track the parcel for me", "parcel is late where is it", "did my parcel ship"],
}


def csv_of(texts):
    return "text,label\n" + "".join(
        f'"{text}",{label}\n' for label, all_texts in texts.items() for text in all_texts)


class TextCommand(unittest.TestCase):
    def setUp(self):
        self.folder = harness.make_folder()
        self.addCleanup(shutil.rmtree, self.folder)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def run_text(self, *arguments, code=0, stdin=None):
        done = subprocess.run([COMMAND, "text", *arguments], input=stdin, capture_output=True,
                              text=True, timeout=120, cwd=self.folder)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def rows(self, *arguments, **options):
        return [json.loads(line) for line in self.run_text(*arguments, **options).stdout.splitlines()]

    def trained(self):
        model = str(self.folder / "m.fdm")
        self.run_text("train", self.file("a.csv", csv_of(TEXTS)), "--out", model, "--models=none")
        return model

    def test_a_trained_model_predicts_and_explains(self):
        rows = self.rows("predict", "--model", self.trained(), "--text", "refund my money please",
                         "--text=hello my friend", "--explain", "--alternatives=1")
        self.assertEqual([row["label"] for row in rows], ["refund", "greet"])
        self.assertEqual(len(rows[0]["alternatives"]), 1)
        self.assertGreater(rows[0]["probability"], rows[0]["alternatives"][0]["probability"])
        pieces = {piece["text"] for piece in rows[0]["explanation"]["pieces"]}
        self.assertTrue(any(piece in "refund my money please" for piece in pieces), pieces)

    def test_the_same_data_give_the_same_model_in_every_format(self):
        models = []
        as_json = "".join(json.dumps({"text": text, "label": label}) + "\n"
                          for label, texts in TEXTS.items() for text in texts)
        as_tsv = "".join(f"{label}\t{text}\r\n" for label, texts in TEXTS.items() for text in texts)
        for name, content, flags in [
                ("a.csv", b"\xef\xbb\xbf" + csv_of(TEXTS).encode(), []),
                ("a.jsonl", as_json, []),
                ("a.tsv", as_tsv, ["--no_header", "--text_column=2", "--label_column=1"])]:
            out = self.folder / (name + ".fdm")
            self.run_text("train", self.file(name, content), f"--out={out}", "--models=none", *flags)
            models.append(out.read_bytes())
        self.assertEqual(models[0], models[1])
        self.assertEqual(models[0], models[2])

    def test_training_tells_what_is_wrong_with_the_data(self):
        texts = {**TEXTS, "lonely": ["only this one"], "again": ["where is my parcel"]}
        done = self.run_text("train", self.file("a.csv", csv_of(texts)), "--out=m.fdm", "--models=none")
        self.assertIn("'lonely' has one example", done.stdout)
        self.assertIn("1 texts stand under both 'again' and 'delivery' (lines 21 …)", done.stdout)

    def test_refused_rows_are_counted_and_listed_by_line(self):
        bad = csv_of(TEXTS) + "too,many,fields\n" + '"two\nlines",\n'
        done = self.run_text("train", self.file("a.csv", bad), "--out=m.fdm", "--models=none")
        self.assertIn("2 rows were refused", done.stderr)
        self.assertIn("line 20 has 3 fields, the first row 2", done.stderr)
        self.assertIn("line 21 has no label", done.stderr)

    def test_errors_name_what_is_wrong(self):
        path = self.file("a.csv", csv_of(TEXTS))
        for arguments, message in [
                (["train", path], "--out is required"),
                (["train", "--out=m"], "FILE is required"),
                (["train", path, "--out=m", "--label_column=intent"], "column intent is not named"),
                (["train", self.file("x.csv", 'text,label\n"open'), "--out=m"], "line 2 opens a quote"),
                (["train", path, "--out=m", "--out_of=1"], "is no flag of `text train`"),
                (["train", self.file("x.bin", "?"), "--out=m"], "--format is required"),
                (["evaluate", path, "--folds=1", "--models=none"], "folds must be 2 to 20"),
                (["entities", "--text=x", "--zone=Mars/Olympus"], "--zone is no time zone"),
                (["entities", "--text=x", "--pattern=p:("], "p"),
        ]:
            with self.subTest(arguments=arguments[0:3]):
                self.assertIn(message, self.run_text(*arguments, code=2).stderr)
        self.assertIn("no.csv", self.run_text("train", "no.csv", "--out=m", code=1).stderr)

    def test_a_broken_model_is_an_error_and_no_crash(self):
        model = self.trained()
        content = pathlib.Path(model).read_bytes()
        for name, broken in [("cut", content[:-1]), ("empty", b""), ("text", b"hello"),
                             ("flipped", content[:99] + bytes([content[99] ^ 1]) + content[100:])]:
            with self.subTest(name):
                self.run_text("predict", "--model", self.file(name, broken), "--text=x", code=1)

    def test_evaluation_by_folds_and_by_file(self):
        path = self.file("a.csv", csv_of(TEXTS))
        report = json.loads(self.run_text("evaluate", path, "--folds=3", "--models=none", "--json").stdout)
        self.assertEqual(report["in_scope"], 18)
        self.assertGreater(report["accuracy"], 0.7)
        self.assertEqual(len(report["curve"]), 11)
        outside = {"greet": ["hello friend"], "oos": ["what is the capital of Peru"]}
        report = json.loads(self.run_text(
            "evaluate", path, "--test", self.file("b.csv", csv_of(outside)), "--oos_label=oos",
            "--models=none", "--json").stdout)
        self.assertEqual((report["in_scope"], report["out_of_scope"]), (1, 1))
        self.assertEqual(report["accuracy"], 1.0)
        text = self.run_text("evaluate", path, "--folds=3", "--models=none").stdout
        self.assertIn("threshold  refused", text)

    def test_entities_are_counted_from_the_given_now(self):
        row = self.rows("entities", "--text=下周三下午三点，退我500元", "--now=2026-11-22T09:00:00",
                        "--zone=Asia/Shanghai")[0]
        self.assertEqual([(e["type"], e["value"]) for e in row["entities"]],
                         [("time", "2026-11-25T15:00:00+08:00/hour"), ("amount", "CNY 500")])
        for locale, day in [("en-US", "2027-03-04"), ("en-GB", "2027-04-03")]:
            row = self.rows("entities", "--text=on 03/04", "--now=2026-11-22T09:00:00Z",
                            f"--locale={locale}")[0]
            self.assertIn(day, row["entities"][0]["value"])

    def test_own_patterns_and_dictionaries(self):
        names = self.file("names.csv", "Aurora 7,aurora seven\nAurora 7,the big one\n")
        row = self.rows("entities", "--text=ticket ZX-991 for the Aurora sevn",
                        "--pattern=ticket:ZX-([0-9]+)", f"--dictionary={names}")[0]
        found = {e["type"]: (e["value"], e.get("name")) for e in row["entities"]}
        self.assertEqual(found["pattern"], ("991", "ticket"))
        self.assertEqual(found["dictionary"][0], "Aurora 7")

    def test_embedding_works_without_a_model_and_says_so(self):
        done = self.run_text("embed", "--text=hello", "--text=你好", "--models=nowhere")
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([len(row["vector"]) for row in rows], [384, 384])
        self.assertAlmostEqual(sum(x * x for x in rows[0]["vector"]), 1.0, places=4)
        self.assertIn("no model in nowhere/bge-small-en-v1.5", done.stderr)

    def test_similar_tells_every_pair_once(self):
        path = self.file("a.jsonl", "".join(json.dumps({"text": text}) + "\n" for text in [
            "where is my parcel please", "something else", "Where is my parcel, please?", "!!!"]))
        rows = self.rows("similar", path, "--models=none")
        self.assertEqual([(row["line"], row["other_line"]) for row in rows], [(3, 1)])
        other = self.file("b.csv", "text\nwhere is my parcel please\n")
        rows = self.rows("similar", other, "--against", other, "--models=none")
        self.assertEqual([(row["line"], row["other_line"], row["score"]) for row in rows], [(2, 2, 1)])

    def test_a_pair_model_learns_and_scores(self):
        words = ["parcel", "refund", "invoice", "coupon", "delivery", "account", "password", "address"]
        lines = ["a,b,same"]
        for i, one in enumerate(words):
            for other in words[i:] * 2:
                lines.append(f"how do I change my {one},change of {other} how,{int(one == other)}")
        model = str(self.folder / "p.fdp")
        done = self.run_text("pairs", "train", self.file("p.csv", "\n".join(lines)), f"--out={model}",
                             "--models=none")
        self.assertIn("AUC", done.stdout)
        rows = self.rows("pairs", "score", self.file(
            "q.csv", "a,b\nhow do I change my parcel,change of parcel how\n"
                     "how do I change my parcel,change of coupon how\n"), f"--model={model}")
        self.assertGreater(rows[0]["probability"], rows[1]["probability"])
        if not MODELS.is_dir():
            self.skipTest("tools/setup has not fetched the encoders")
        # The same by meaning.
        self.run_text("pairs", "train", str(self.folder / "p.csv"), f"--out={model}", f"--models={MODELS}")
        rows = self.rows("pairs", "score", str(self.folder / "q.csv"), f"--model={model}", f"--models={MODELS}")
        self.assertGreater(rows[0]["probability"], rows[1]["probability"])

    def test_feelings_by_word_list_and_by_a_packed_model(self):
        row = self.rows("sentiment", "--text=this is terrible, I am so angry")[0]
        self.assertEqual((row["polarity"], row["polarity_model"]), ("negative", "lexicon"))
        texts = {"1": ["lovely purple room", "purple and lovely", "a lovely purple bed"] * 3,
                 "0": ["horrid yellow room", "yellow and horrid", "a horrid yellow bed"] * 3}
        model = str(self.folder / "m.fdm")
        self.run_text("train", self.file("f.csv", csv_of(texts)), f"--out={model}", "--models=none")
        self.run_text("pack", f"--model={model}", f"--out={self.folder}/packed/rooms", "--name=rooms",
                      "--task=polarity", "--language=en", "--label=1=positive", "--label=0=negative")
        row = self.rows("sentiment", "--text=a yellow room", f"--artefacts={self.folder}/packed",
                        "--models=none")[0]
        self.assertEqual((row["polarity"], row["polarity_model"]), ("negative", "rooms"))

    def test_floods_are_told_by_sender_text_and_time(self):
        rows = [("a", "加微信领红包", i) for i in range(6)] + [("a", "加微信领红包", 3600)]
        rows += [(f"s{i}", "限时特惠，点击链接领取大礼包", 7200) for i in range(4)] + [("b", "hello", 7300)]
        path = self.file("m.csv", "sender,text,time\n" + "".join(f"{s},{t},{at}\n" for s, t, at in rows)
                         + "c,no time,soon\n")
        done = self.run_text("floods", path, "--time_column=time", "--text_senders_max=3")
        told = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([(row["line"], row["verdict"]) for row in told],
                         [(6, "sender_repeats"), (7, "sender_repeats"), (12, "campaign")])
        self.assertIn("line 14 has no time", done.stderr)
        self.assertIn("3 of 13 texts", done.stderr)
        self.assertIn("--window must be", self.run_text("floods", path, "--window=0", code=2).stderr)

    def test_spam_is_told_by_a_filter_of_ones_own(self):
        texts = {"spam": ["free prize click here", "cheap loans click now", "加微信领红包", "免费领大奖"],
                 "ham": ["where is my parcel", "I want a refund", "我的快递到哪里了", "怎么退货"]}
        model = str(self.folder / "s.fdm")
        self.run_text("spam", "train", self.file("s.csv", csv_of(texts)), f"--out={model}", "--models=none")
        rows = self.rows("spam", "judge", f"--model={model}", "--text=where is my parcel",
                         "--text=click here, free prize")
        self.assertFalse(rows[0]["spam"])
        self.assertGreater(rows[1]["probability"], rows[0]["probability"])
        content = bytearray(pathlib.Path(model).read_bytes())
        content[30] ^= 1  # the threshold
        done = self.run_text("spam", "judge", f"--model={self.file('b.fdm', bytes(content))}", "--text=x",
                             code=1)
        self.assertIn("checksum", done.stderr)

    def test_quality_tells_gibberish_and_repetition_in_both_languages(self):
        rows = self.rows("quality", "--text=sdkfjh wkjehr zxmcnv", "--text=买了两周还能退吗",
                         "--text=哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈")
        self.assertEqual([(row["is_gibberish"], row["is_repetition"]) for row in rows],
                         [(True, False), (False, False), (False, True)])

    def test_another_encoder_is_mounted_by_flags(self):
        fetched = MODELS / "bge-small-zh-v1.5"
        if not fetched.is_dir():
            self.skipTest("tools/setup has not fetched the encoders")
        own = self.folder / "own"
        shutil.copytree(fetched, own)
        plain = self.rows("embed", "--text=退款", "--models=none", f"--zh_model={own}")[0]
        mean = self.rows("embed", "--text=退款", "--models=none", f"--zh_model={own}", "--pooling=mean",
                         "--prefix=query: ")[0]
        self.assertEqual((plain["encoder"], mean["encoder"]), ("own", "own"))
        self.assertNotEqual(plain["fingerprint"], mean["fingerprint"])
        self.assertLess(sum(a * b for a, b in zip(plain["vector"], mean["vector"])), 0.99)
        (own / "model.onnx").write_bytes(b"none")
        done = self.run_text("embed", "--text=退款", "--models=none", f"--zh_model={own}", code=2)
        self.assertIn("own/model.onnx", done.stderr)
        self.run_text("embed", "--text=x", "--pooling=mean", "--models=none", code=2)

    def test_ctrl_c_leaves_no_file(self):
        texts = {f"label{i}": [f"word{i} word{j} more{i * j} text{j}" for j in range(60)]
                 for i in range(150)}
        out = self.folder / "models"
        out.mkdir()
        process = subprocess.Popen(
            [COMMAND, "text", "train", self.file("a.csv", csv_of(texts)), f"--out={out}/m.fdm",
             "--models=none"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for line in process.stderr:
            if "choosing" in line:
                break
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 1, rest)
        self.assertIn("CANCELLED", rest[1])
        self.assertEqual(os.listdir(out), [])

    def test_help_tells_every_flag(self):
        done = self.run_text("train", "--help")
        for flag in ["--out", "--text_column", "--label_column", "--oos_label", "--models"]:
            self.assertIn(flag, done.stdout)


if __name__ == "__main__":
    unittest.main()
