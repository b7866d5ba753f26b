#!/usr/bin/env python3
"""What customers and operators live through besides the demo: restarts, crashes, stops under way."""

import threading
import unittest

import harness


class RestartTest(unittest.TestCase):
    def setUp(self):
        self.folder = harness.make_folder()
        self.addCleanup(harness.remove, self.folder)
        self.server = None
        self.addCleanup(lambda: self.server and self.server.kill())

    def start(self):
        self.server = harness.Frontdeskd(self.folder)
        return self.server.http

    def test_a_conversation_goes_on_after_a_restart_and_after_a_crash(self):
        ann = harness.Customer(self.start(), "ann")
        # The first words after the first start: articles are found from then on.
        ann.say("q-1", "How long does a refund take?")
        answer = ann.reply()
        self.assertEqual(answer["citations"][0]["title"], "When you get your refund")
        conversation = answer["conversation"]

        self.assertEqual(self.server.stop(), 0)
        ann.server = self.start()
        # Known as a duplicate, so it starts nothing.
        self.assertTrue(ann.say("q-1", "How long does a refund take?")["duplicate"])
        ann.say("more", "How long does shipping take?")
        second = ann.reply()
        self.assertEqual(second["conversation"], conversation)
        self.assertIn("2 to 4 working days", second["text"])

        self.server.kill()
        ann.server = self.start()
        # The bot remembers that its last word was an answer: thanks resolve the conversation.
        ann.say("thanks", "Thanks, that helped!")
        goodbye = ann.reply()
        self.assertEqual(goodbye["conversation"], conversation)
        self.assertIn("Glad I could help", goodbye["text"])
        self.assertEqual(ann.look(), [])
        self.assertEqual(self.server.stop(), 0)

    def test_what_was_acknowledged_before_a_crash_is_answered_once_after_it(self):
        http = self.start()
        people = [harness.Customer(http, f"visitor-{i}") for i in range(20)]
        for person in people:
            posted = person.say(f"q-{person.name}", "How long does a refund take?")
            self.assertFalse(posted["duplicate"])
        self.server.kill()

        http = self.start()
        for person in people:
            person.server = http
            again = person.say(f"q-{person.name}", "How long does a refund take?")
            self.assertTrue(again["duplicate"])
            self.assertIn("within 3 working days", person.reply()["text"])
        for person in people:
            self.assertEqual(person.look(), [])
        self.assertEqual(self.server.stop(), 0)

    def test_a_poll_under_way_does_not_hold_up_the_stop(self):
        http = self.start()
        ann = harness.Customer(http, "ann")
        ann.say("q", "How long does a refund take?")
        ann.reply()
        outcome = []

        def poll():
            try:
                outcome.append(ann.look(wait=20))
            except (OSError, AssertionError, harness.http.client.HTTPException) as error:
                outcome.append(error)

        name = "frontdesk_channel_http_connections"
        harness.wait_until("all connections are closed", lambda: self.server.metric(name) == 0)
        waiting = threading.Thread(target=poll)
        waiting.start()
        self.addCleanup(waiting.join)
        harness.wait_until("the poll is under way", lambda: self.server.metric(name) == 1)
        self.assertEqual(self.server.stop(seconds=15), 0)
        waiting.join(10)
        self.assertEqual(len(outcome), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
