#!/usr/bin/env python3
"""The help centre as visitors see it, and articles that go out of a knowledge base and back in."""

import html.parser
import json
import os
import subprocess
import unittest
import urllib.parse
import xml.etree.ElementTree

import harness

BASE_URL = "https://help.example.com"
COMMAND = harness.BINARY / "tools/frontdesk/frontdesk"


class Page(html.parser.HTMLParser):
    """What a page holds: its elements in order, and its text."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag, **attributes):
        return [found for name, found in self.elements
                if name == tag and all(found.get(k) == v for k, v in attributes.items())]

    def one(self, tag, **attributes):
        found = self.all(tag, **attributes)
        assert found, (tag, attributes)
        return found[0]

    def articles(self):
        return [link["href"] for link in self.all("a") if "/articles/" in link.get("href", "")]


class HelpCentreTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = harness.make_folder()
        cls.addClassCleanup(harness.remove, cls.folder)
        cls.server = harness.Frontdeskd(cls.folder, f"--knowledge.help_base_url={BASE_URL}")
        cls.addClassCleanup(cls.server.kill)
        address = cls.server.await_line(r"^  help centre +http://([^/]+)/help").group(1)
        cls.address = address
        harness.wait_until("the demo's articles in the search", lambda: cls.found("refund"))

    @classmethod
    def found(cls, query, locale="en"):
        status, _, text = harness.request(
            cls.address, "GET", f"/help/demo/{locale}/search?q={urllib.parse.quote(query)}", token=None)
        return status == 200 and Page(text.decode()).articles()

    def get(self, target, **headers):
        status, answered, text = harness.request(self.address, "GET", target, token=None,
                                                 headers=headers)
        return status, answered, text.decode()

    def page(self, target):
        status, _, text = self.get(target)
        self.assertEqual(status, 200, target)
        return Page(text)

    def test_a_visitor_lists_searches_reads_and_switches_the_language(self):
        start = self.page("/help/demo/en")
        self.assertEqual(start.one("html")["lang"], "en")
        self.assertGreaterEqual(len(start.articles()), 30)
        self.assertEqual(start.one("link", rel="canonical")["href"], f"{BASE_URL}/help/demo/en")
        self.assertEqual(start.one("link", rel="alternate", hreflang="zh")["href"],
                         f"{BASE_URL}/help/demo/zh")

        results = self.page("/help/demo/en/search?q=refund")
        self.assertTrue(results.all("mark"))
        article = self.page(results.articles()[0])
        self.assertEqual(len(article.all("h1")), 1)
        self.assertTrue(article.all("form", method="post"))

        # The language link leads to a page in that language, whichever that is.
        switch = start.one("a", hreflang="zh")["href"]
        chinese = self.page(switch)
        self.assertEqual(chinese.one("html")["lang"], "zh")
        self.assertIn("帮助中心", chinese.text)
        self.assertTrue(self.found("退款", "zh"))

    def test_pages_are_safe_and_need_no_script(self):
        status, headers, text = self.get("/help/demo/en/search?q=%3Cscript%3Ealert(1)%3C/script%3E")
        self.assertEqual(status, 200)
        self.assertNotIn("<script>", text)
        self.assertIn("script-src 'self'", headers["content-security-policy"])
        self.assertNotIn("unsafe", headers["content-security-policy"])
        scripts = Page(text).all("script")
        self.assertEqual([each["src"] for each in scripts], ["/help/suggest.js"])
        self.assertEqual(self.get("/help/suggest.js")[0], 200)
        for target in ("/help/demo/en/articles/nothing", "/help/nobody/en", "/help/demo/fr"):
            self.assertEqual(self.get(target)[0], 404, target)

    def test_what_is_typed_is_completed(self):
        status, headers, text = self.get("/help/demo/en/suggest?q=how%20do")
        self.assertEqual(status, 200)
        self.assertTrue(headers["content-type"].startswith("application/json"))
        suggestions = json.loads(text)["suggestions"]
        self.assertTrue(suggestions)
        self.assertTrue(all(isinstance(each, str) for each in suggestions))

    def test_a_misspelt_search_shows_what_was_meant(self):
        page = self.page("/help/demo/en/search?q=pasword")
        self.assertIn("These are the results for password", page.text)
        self.assertIn("/help/demo/en/articles/password-reset", page.articles())
        self.assertNotIn("These are", self.page("/help/demo/en/search?q=password").text)
        self.assertIn("Nothing was found", self.page("/help/demo/en/search?q=xqzvw").text)

    def test_an_article_leads_to_its_translation_and_to_related_ones(self):
        page = self.page("/help/demo/en/articles/refunds")
        self.assertIn("/help/demo/zh/articles/refunds-zh",
                      [link.get("href") for link in page.all("a", hreflang="zh")])
        self.assertIn("/help/demo/en/articles/partial-refund", page.articles())

    def test_a_visitor_rates_once_and_may_think_again(self):
        target = self.page("/help/demo/en").articles()[-1]
        form = self.page(target).one("form", method="post")
        version = self.page(target).one("input", name="version")["value"]

        def rate(helpful, cookie=None):
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            if cookie:
                headers["Cookie"] = cookie
            status, answered, _ = harness.request(
                self.address, "POST", form["action"], f"helpful={helpful}&version={version}",
                token=None, headers=headers)
            self.assertEqual(status, 303)
            return answered

        answered = rate("yes")
        self.assertTrue(answered["location"].endswith("?rated=1"))
        cookie = answered["set-cookie"].split(";")[0]
        self.assertIn("Thank you", self.page(answered["location"]).text)
        # A visitor who is known is not given another name.
        self.assertNotIn("set-cookie", rate("no", cookie))
        status, _, _ = harness.request(self.address, "POST", form["action"], "helpful=perhaps",
                                       token=None)
        self.assertEqual(status, 400)

    def test_the_sitemap_names_pages_that_are_there(self):
        status, headers, text = self.get("/help/demo/sitemap.xml")
        self.assertEqual(status, 200)
        self.assertTrue(headers["content-type"].startswith("application/xml"))
        places = [each.text for each in xml.etree.ElementTree.fromstring(text).iter()
                  if each.tag.endswith("}loc")]
        self.assertGreaterEqual(len(places), 60)
        for place in (places[0], places[-1]):
            self.assertTrue(place.startswith(BASE_URL), place)
            self.assertEqual(self.get(place[len(BASE_URL):])[0], 200, place)

    def frontdesk(self, *arguments):
        return subprocess.run(
            [COMMAND, *arguments, f"--server={self.server.grpc}"], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, encoding="utf-8",
            env={**os.environ, "FRONTDESK_TOKEN": "demo-admin-token"}, check=False)

    def test_what_was_exported_changes_nothing_when_it_is_imported(self):
        for form, name in (("markdown", "folder"), ("markdown", "m.zip"), ("html", "h.zip"),
                           ("csv", "t.csv"), ("jsonl", "t.jsonl")):
            out = self.folder / name
            done = self.frontdesk("knowledge", "export", "--tenant=demo", f"--format={form}",
                                  f"--out={out}")
            self.assertEqual(done.returncode, 0, done.stderr)
            done = self.frontdesk("knowledge", "import", "--tenant=demo", str(out))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, r"created 0, changed 0, unchanged [1-9][0-9]+, refused 0")

    def test_the_index_is_checked_against_the_store_and_built_anew(self):
        done = self.frontdesk("knowledge", "rebuild", "--tenant=demo")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^rebuilt: [1-9][0-9]+ articles, [1-9][0-9]+ passages")
        done = self.frontdesk("knowledge", "check", "--tenant=demo")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^published ([0-9]+), indexed \1, missing 0, superfluous 0,")
        self.assertEqual(self.frontdesk("knowledge", "check", "--tenant=other").returncode, 1)

    def test_an_import_takes_what_is_right_and_reports_the_rest(self):
        folder = self.folder / "in"
        folder.mkdir()
        front = "---\nlocale: en\ntitle: {}\n---\n{}\n"
        (folder / "e2e-good.md").write_text(front.format("Lanterns on the moon", "They glow."))
        (folder / "bad.md").write_text(front.format("", "No title."))
        (folder / "bytes.html").write_bytes(b"<p>\xff</p>")
        report = self.folder / "report.jsonl"
        arguments = ["knowledge", "import", "--tenant=demo", "--publish", f"--report={report}",
                     str(folder)]
        done = self.frontdesk(*arguments, "--dry_run")
        self.assertEqual(done.returncode, 1)
        self.assertIn("dry run: created 1, changed 0, unchanged 0, refused 2", done.stdout)
        self.assertEqual(self.get("/help/demo/en/articles/e2e-good")[0], 404)
        done = self.frontdesk(*arguments)
        self.assertEqual(done.returncode, 1)
        self.assertIn("created 1, changed 0, unchanged 0, refused 2", done.stdout)
        refused = [json.loads(line) for line in report.read_text().splitlines()]
        self.assertEqual([os.path.basename(each["file"]) for each in refused],
                         ["bad.md", "bytes.html"])
        self.assertIn("UTF-8", refused[1]["why"])
        self.assertIn("Lanterns on the moon", self.page("/help/demo/en/articles/e2e-good").text)
        harness.wait_until("the new article in the search", lambda: self.found("lanterns moon"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
