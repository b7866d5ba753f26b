#!/usr/bin/env python3
"""What customers, agents and operators live through besides the demo: restarts, crashes, stops under
way, and a knowledge base that learns from what people solved."""

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


class KnowledgeGrowsTest(unittest.TestCase):
    """What a person solved is drafted, reviewed and published, and the bot answers from it."""

    @classmethod
    def setUpClass(cls):
        cls.folder = harness.make_folder()
        cls.addClassCleanup(harness.remove, cls.folder)
        cls.server = harness.Frontdeskd(cls.folder)
        cls.addClassCleanup(cls.server.kill)
        clients = {service: harness.Grpc(cls.server.grpc, service, "demo-agent-token")
                   for service in ("dialog", "ticket", "knowledge")}
        cls.dialog, cls.ticket, cls.knowledge = clients.values()
        cls.admin = harness.Grpc(cls.server.grpc, "knowledge", "demo-admin-token")
        # Somebody else than the author has to approve.
        cls.admin.change("UpdateApprovalPolicy", {"approval_policy": {
            "name": "tenants/demo/approvalPolicy", "steps": [{"name": "peer"}], "four_eyes": True}})
        harness.wait_until("the demo's articles", lambda: cls.ask("How long does a refund take?"))

    @classmethod
    def ask(cls, question):
        """The knowledge base's answer; "" when it knows none."""
        reply = cls.knowledge("AnswerQuestion", {"parent": "tenants/demo", "question": question})
        return reply["answer.text"] if reply["answer.known"] else ""

    def solve(self, ticket, resolution):
        """An agent who has the ticket closes it; what becomes of it, in full."""
        self.ticket.change("AssignTicket", {"name": ticket, "assignee": "tenants/demo/agents/mia"})
        self.ticket.change("ResolveTicket", {"name": ticket, "resolution": resolution})

        def proposed():
            listed = self.knowledge("ListArticleProposals", {"parent": "tenants/demo"})
            return [each["name"] for each in listed.all("article_proposals")
                    if ticket in each.all("sources")]

        name = harness.wait_until("a proposal out of the ticket", proposed)[0]
        proposal = self.knowledge("GetArticleProposal", {"name": name})["article_proposal"]
        self.assertEqual(proposal["automatic"], "true")
        self.assertEqual([each["message"] for each in proposal.all("findings")], [])
        return proposal

    def publish(self, proposal, article_id):
        """Mia hands it in, somebody else approves, and it goes live."""
        accept = {"name": proposal["name"], "article_id": article_id}
        publish = harness.Enum("PROPOSAL_NEXT_STEP_PUBLISH")
        with self.assertRaisesRegex(harness.GrpcError, "submit it"):
            self.knowledge.change("AcceptArticleProposal", {**accept, "next_step": publish})
        submit = harness.Enum("PROPOSAL_NEXT_STEP_SUBMIT")
        accepted = self.knowledge.change("AcceptArticleProposal", {**accept, "next_step": submit})
        version = accepted["article_proposal.article_version"]
        self.assertEqual(version, f"tenants/demo/articles/{article_id}/versions/1")
        with self.assertRaises(harness.GrpcError):
            self.knowledge.change("ApproveArticleVersion", {"name": version})
        self.admin.change("ApproveArticleVersion", {"name": version, "note": "tried it"})
        article = f"tenants/demo/articles/{article_id}"
        published = self.knowledge.change("PublishArticle", {"name": article})
        self.assertEqual(published["article.state"], "ARTICLE_STATE_PUBLISHED")
        return article

    def check_bot(self, customer, question, title, words):
        """The bot tells another customer what the first one was told by a person."""
        harness.wait_until("the article is found", lambda: words in self.ask(question), 10)
        other = harness.Customer(self.server.http, customer)
        other.say(f"q-{customer}", question)
        reply = other.reply()
        self.assertEqual(reply["author"], "bot")
        self.assertIn(words, reply["text"])
        self.assertEqual([each["title"] for each in reply["citations"]][0], title)

    def test_a_conversation_that_a_person_had_to_answer_is_answered_by_the_bot_next_time(self):
        question = "How do I mount the lamp on the mast of my sailing boat?"
        self.assertEqual(self.ask(question), "")
        gus = harness.Customer(self.server.http, "gus")
        gus.say("m-1", f"Hi, my name is Gus Holm. {question}")
        self.assertIn("I don't have an answer", gus.reply()["text"])
        gus.say("m-2", "I want to talk to a person please. Call me at +1 415 555 2671.")
        handed_over = gus.reply()
        conversation = {"name": handed_over["conversation"]}
        held = self.dialog.change("TakeOverConversation", conversation)
        self.dialog.change("ReplyToConversation", {
            **conversation, "speaker_token": int(held["conversation.speaker_lease.token"]),
            "text": "Hello Gus! First, unscrew the base of the lamp. Then clamp the bracket around the mast."})
        self.assertEqual(gus.reply()["author"], "agent")
        ticket = harness.wait_until("the ticket of the conversation", lambda: self.dialog(
            "GetConversation", conversation)["conversation.ticket"])
        proposal = self.solve(ticket, "Told Gus Holm how the bracket is fixed.")
        self.dialog.change("ResolveConversation", conversation)

        self.assertEqual(proposal["locale"], "en")
        content = proposal["content"]
        self.assertEqual(content["title"], question)
        self.assertEqual(content.all("questions"), [question])
        # What was told to Gus alone is no part of it.
        self.assertEqual(content["body"],
                         "1. Unscrew the base of the lamp.\n2. Clamp the bracket around the mast.")
        for secret in ("Gus", "Holm", "415", "2671"):
            self.assertNotIn(secret, content.text())
        article = self.publish(proposal, "mast")
        self.check_bot("ann", "how can I mount my lamp on the mast of a boat", question,
                       "Clamp the bracket")

        # The question that nobody could answer has its article.
        gaps = self.knowledge("ListKnowledgeGaps", {"parent": "tenants/demo", "locale": "en"})
        gap = next(each["name"] for each in gaps.all("knowledge_gaps") if "mast" in each["question"])
        resolved = self.knowledge.change("ResolveKnowledgeGap", {"name": gap, "article": article})
        self.assertEqual(resolved["knowledge_gap.state"], "KNOWLEDGE_GAP_STATE_RESOLVED")

    def test_a_ticket_that_was_solved_in_chinese_is_answered_by_the_bot_next_time(self):
        question = "怎么把台灯装到船的桅杆上？"
        self.assertEqual(self.ask(question), "")
        ticket = self.ticket.change("CreateTicket", {
            "parent": "tenants/demo", "subject": "船上安装", "language": "zh",
            "description": f"你好，我叫王小明，电话是13812345678。{question}"})["ticket.name"]
        self.ticket.change("AddNote", {
            "parent": ticket, "visibility": harness.Enum("NOTE_VISIBILITY_PUBLIC"),
            "text": "王小明您好！请先拧开底座，然后用支架把台灯固定在桅杆上。"})
        proposal = self.solve(ticket, "")

        self.assertEqual(proposal["locale"], "zh")
        content = proposal["content"]
        self.assertEqual(content["title"], question)
        self.assertEqual(content["body"], "1. 拧开底座\n2. 用支架把台灯固定在桅杆上。")
        for secret in ("王小明", "小明", "13812345678"):
            self.assertNotIn(secret, content.text())
        self.publish(proposal, "mast-zh")
        self.check_bot("liwei", "台灯能装到船的桅杆上吗？", question, "用支架把台灯固定在桅杆上")


if __name__ == "__main__":
    unittest.main(verbosity=2)
