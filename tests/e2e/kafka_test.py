#!/usr/bin/env python3
"""The demo on a real Kafka, read by a consumer that shares nothing with Frontdesk: kcat, protoc and
the standard library. Then the same story through six processes instead of one."""

import collections
import json
import re
import subprocess
import unittest

import harness

SHARDS = 2
# The contract: partitions of a topic for each shard.
PARTITIONS = {"channel": 4, "dialog": 4, "ticket": 4, "knowledge": 2, "health": 2, "billing": 2}
DEAD_LETTERS = "frontdesk.dead-letter.v1"
HEADERS = {"ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time",
           "content-type", "fd_tenant", "fd_epoch", "fd_seq", "fd_prev", "fd_actor", "fd_cause",
           "fd_correlation"}


def topic_of(service):
    return f"frontdesk.{service}.v1"


def murmur2(data):
    """As Kafka's clients compute it, after org.apache.kafka.common.utils.Utils."""
    mask = 0xFFFFFFFF
    m = 0x5BD1E995
    h = (0x9747B28C ^ len(data)) & mask
    whole = len(data) // 4 * 4
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i:i + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    rest = data[whole:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def shard_of(tenant, count):
    """FNV-1a, then the finaliser of MurmurHash3."""
    mask = 0xFFFFFFFFFFFFFFFF
    h = 0xCBF29CE484222325
    for byte in tenant.encode():
        h = (h ^ byte) * 0x100000001B3 & mask
    h = (h ^ h >> 33) * 0xFF51AFD7ED558CCD & mask
    h = (h ^ h >> 33) * 0xC4CEB9FE1A85EC53 & mask
    return (h ^ h >> 33) % count


Record = collections.namedtuple("Record", "topic partition offset key headers value")


def read_topic(broker, topic):
    """All records of a topic, partition by partition in the order of their offsets."""
    done = subprocess.run(
        ["kcat", "-C", "-b", broker, "-t", topic, "-e", "-q", "-f", "%p %o %K %S %h\n%k%s\n"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=True,
    )
    raw = done.stdout
    records = []
    while raw:
        end = raw.index(b"\n")
        partition, offset, key_size, size, headers = raw[:end].split(b" ", 4)
        body = raw[end + 1:]
        key_size, size = int(key_size), int(size)
        key, value = body[:key_size], body[key_size:key_size + size]
        assert body[key_size + size:key_size + size + 1] == b"\n"
        raw = body[key_size + size + 1:]
        pairs = [each.split("=", 1) for each in headers.decode().split(",")]
        assert len(pairs) == len(dict(pairs)), f"a header twice: {headers}"
        records.append(Record(topic, int(partition), int(offset), key, dict(pairs), value))
    records.sort(key=lambda record: (record.partition, record.offset))
    return records


def decode(record):
    """The value as protoc prints it."""
    service = record.topic.split(".")[1]
    done = subprocess.run(
        ["protoc", "-I", harness.SOURCE / "proto",
         f"--decode=frontdesk.{service}.v1.{service.capitalize()}Event",
         f"frontdesk/{service}/v1/{service}_events.proto"],
        input=record.value, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30, check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def snake(name):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


class IndependentConsumer(unittest.TestCase):
    def check_headers(self, record):
        headers = record.headers
        self.assertEqual(HEADERS - headers.keys(), set(), headers)
        service = record.topic.split(".")[1]
        self.assertEqual(headers["ce_specversion"], "1.0")
        self.assertEqual(headers["content-type"], "application/protobuf")
        self.assertRegex(headers["ce_id"], r"^[0-7][0-9a-hjkmnp-tv-z]{25}$")
        self.assertRegex(headers["ce_type"], rf"^frontdesk\.{service}\.v1\.[A-Z]\w+$")
        self.assertRegex(headers["ce_time"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$")
        self.assertEqual(headers["fd_tenant"], "demo")
        self.assertEqual(headers["fd_epoch"], "1")
        self.assertTrue(headers["ce_subject"].startswith("tenants/demo/"), headers)
        self.assertTrue(headers["fd_actor"], headers)
        self.assertTrue(headers["fd_cause"], headers)
        if "traceparent" in headers:
            self.assertRegex(headers["traceparent"], r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")

    def check_place(self, record, shards):
        """The partition follows from tenant and key alone, and belongs to the source's shard."""
        service = record.topic.split(".")[1]
        k = PARTITIONS[service]
        shard = shard_of("demo", shards)
        self.assertEqual(record.headers["ce_source"], f"/frontdesk/{service}/{shard}")
        self.assertTrue(record.key.startswith(b"demo/"), record.key)
        self.assertEqual(record.partition, shard * k + (murmur2(record.key) & 0x7FFFFFFF) % k,
                         (record.topic, record.key))

    def check_sequences(self, records):
        """fd_seq without a gap per source; fd_prev chains what shares a partition."""
        numbers = collections.defaultdict(list)
        last = collections.defaultdict(int)
        for record in records:
            source = record.headers["ce_source"]
            seq, prev = int(record.headers["fd_seq"]), int(record.headers["fd_prev"])
            place = (source, record.topic, record.partition)
            self.assertEqual(prev, last[place], (place, record.offset))
            self.assertGreater(seq, prev)
            last[place] = seq
            numbers[source].append(seq)
        for source, seen in numbers.items():
            self.assertEqual(sorted(seen), list(range(1, len(seen) + 1)), source)

    def check_value(self, record):
        text = decode(record)
        self.assertIn(f'event_id: "{record.headers["ce_id"]}"', text)
        self.assertIn('tenant: "tenants/demo"', text)
        payload = snake(record.headers["ce_type"].rsplit(".", 1)[1])
        self.assertRegex(text, rf"(?m)^{payload} \{{")
        # protoc prints a field that the contract does not know by its number.
        self.assertNotRegex(text, r"(?m)^\s*\d+(:| \{)")
        return text

    def read_all(self, broker, shards):
        """Every record of every topic, checked; by the short name of its type, with its text."""
        listed = json.loads(subprocess.run(["kcat", "-L", "-J", "-b", broker], timeout=30,
                                           stdout=subprocess.PIPE, check=True).stdout)
        partitions = {each["topic"]: len(each["partitions"]) for each in listed["topics"]}
        everything = []
        for service, k in PARTITIONS.items():
            self.assertEqual(partitions[topic_of(service)], shards * k)
            everything += read_topic(broker, topic_of(service))
        self.assertEqual(read_topic(broker, DEAD_LETTERS), [])
        self.assertEqual(len({record.headers["ce_id"] for record in everything}), len(everything))
        self.check_sequences(everything)
        by_type = collections.defaultdict(list)
        for record in everything:
            self.check_headers(record)
            self.check_place(record, shards)
            text = self.check_value(record)
            by_type[record.headers["ce_type"].split(".", 1)[1]].append((record, text))
        return by_type

    def check_causes(self, by_type, effect, cause, count):
        """Each `effect` names the event of type `cause` that it came from."""
        ids = {record.headers["ce_id"] for record, _ in by_type[cause]}
        self.assertEqual(len(by_type[effect]), count, effect)
        for record, _ in by_type[effect]:
            self.assertIn(record.headers["fd_cause"], ids, effect)


class KafkaTest(IndependentConsumer):
    @classmethod
    def setUpClass(cls):
        cls.folder = harness.make_folder()
        cls.addClassCleanup(harness.remove, cls.folder)

    def start_broker(self, name):
        broker = harness.Kafka(self.folder / name)
        self.addCleanup(broker.stop)
        return broker.address

    def run_demo(self, name, *flags):
        return subprocess.run(
            [harness.BINARY / "tools/demo/frontdesk-demo",
             f"--frontdeskd={harness.BINARY / 'services/suite/frontdeskd'}",
             f"--data_dir={self.folder / name}", f"--tenants_file={harness.TENANTS}",
             harness.MODELS, *harness.ANY_PORTS, *flags],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=200, text=True, check=False,
        )

    def test_the_demo_on_kafka_as_an_independent_consumer_sees_it(self):
        broker = self.start_broker("one")
        flags = (f"--kafka={broker}", f"--shard_count={SHARDS}")
        done = self.run_demo("demo", *flags)
        self.assertEqual(done.returncode, 0, done.stdout)

        by_type = self.read_all(broker, SHARDS)
        counts = {name: len(records) for name, records in by_type.items()}
        self.assertEqual(counts["channel.v1.MessageReceived"], 9)
        self.assertEqual(counts["dialog.v1.ConversationOpened"], 3)
        self.assertEqual(counts["dialog.v1.ConversationResolved"], 3)
        self.assertEqual(counts["channel.v1.MessageDelivered"], counts["dialog.v1.ReplyRequested"])
        self.check_causes(by_type, "dialog.v1.TicketRequested", "channel.v1.MessageReceived", 1)
        self.check_causes(by_type, "ticket.v1.TicketCreated", "dialog.v1.TicketRequested", 1)
        self.assertEqual(counts["billing.v1.OutcomeBilled"], 2)
        requested = [text for _, text in by_type["dialog.v1.TicketRequested"]]
        self.assertIn("[phone]", requested[0])
        # The number itself is nowhere in the clear.
        for records in by_type.values():
            for record, _ in records:
                self.assertNotIn(b"1234 5678", record.value)

        # A new installation must not mix with what the first one left behind.
        again = self.run_demo("second", *flags)
        self.assertEqual(again.returncode, 1, again.stdout)
        self.assertIn("holds events of an earlier store", again.stdout)

    def start_service(self, name, *flags):
        folder = self.folder / "six"
        folder.mkdir(exist_ok=True)
        process = harness.Process(
            [harness.BINARY / f"services/{name}/frontdesk-{name}",
             f"--data_dir={folder / name}", "--metrics_listen=127.0.0.1:0",
             "--installation_id=six-processes", *flags],
            folder / f"{name}.log",
        )
        self.addCleanup(process.kill)
        return process

    def test_the_same_story_through_six_processes(self):
        broker = self.start_broker("two")
        tenants = self.folder / "tenants.yaml"
        text = harness.tenants_text().replace("platform:\n  tokens:\n", "platform:\n  tokens:\n"
                            "    - {principal: suite, role: service, token: e2e-service-token}\n")
        tenants.write_text(text, encoding="utf-8")
        token = self.folder / "service-token"
        token.write_text("e2e-service-token\n", encoding="utf-8")
        token.chmod(0o600)
        ports = dict(zip(("http", *PARTITIONS), harness.free_ports(1 + len(PARTITIONS))))
        http = f"127.0.0.1:{ports['http']}"
        processes = []
        for name in ("channel", "knowledge", "ticket", "dialog", "health", "billing"):
            flags = [f"--tenants_file={tenants}", f"--kafka={broker}",
                     f"--grpc_listen=127.0.0.1:{ports[name]}",
                     f"--peers.channel=127.0.0.1:{ports['channel']}",
                     f"--peers.dialog=127.0.0.1:{ports['dialog']}",
                     f"--peers.knowledge=127.0.0.1:{ports['knowledge']}",
                     f"--peers.ticket=127.0.0.1:{ports['ticket']}",
                     f"--peers.token_file={token}"]
            if name == "channel":
                flags.append(f"--channel.http_listen={http}")
            if name == "knowledge":
                flags.append("--knowledge.http_listen=127.0.0.1:0")
            processes.append(self.start_service(name, *flags))
        for process in processes:
            process.await_line(r"process\.ready")

        ann = harness.Customer(http, "ann")
        ann.say("m1", "How long does a refund take?")
        answer = ann.reply()
        self.assertIn("within 3 working days", answer["text"])
        self.assertEqual(answer["citations"][0]["article_version"],
                         "tenants/demo/articles/refunds/versions/1")
        ann.say("m2", "My card was stolen, let me talk to a person. My number is 138 1234 5678.")
        self.assertEqual(ann.reply()["author"], "system")

        def seen(service, kind):
            return [record for record in read_topic(broker, topic_of(service))
                    if record.headers["ce_type"].endswith("." + kind)]

        harness.wait_until("the ticket is made", lambda: seen("ticket", "TicketCreated"))
        harness.wait_until("the health has moved",
                           lambda: len(seen("health", "HealthChanged")) >= 2)
        harness.wait_until("every message is metered", lambda: sum(
            decode(record).count("METER_MESSAGES") for record in seen("billing", "UsageRecorded")
        ) >= 4)
        for process in processes:
            self.assertEqual(process.stop(), 0, process.printed()[-2000:])
        by_type = self.read_all(broker, 1)
        self.check_causes(by_type, "ticket.v1.TicketCreated", "dialog.v1.TicketRequested", 1)
        self.assertIn("priority: PRIORITY_P0", by_type["ticket.v1.TicketCreated"][0][1])


if __name__ == "__main__":
    unittest.main(verbosity=2)
