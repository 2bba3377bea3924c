#include <cmath>
#include <random>

#include "check.hpp"
#include "rtcp_vectors.hpp"

using namespace probe::rtcp;
using namespace probe::test::rtcp_vectors;

TEST("SRTCP of any compound gives packet type and sender only") {
  const Octets compounds[] = {
      {0x80, 0xc9, 0x00, 0x01, 0x00, 0x00, 0x00, 0x2a},
      kSenderReport,
      kReceiverReport,
      kExtended,
      join({kSenderReport, kDescription}),
      join({kReceiverReport, kDescription, kByeTwo}),
  };
  std::uint32_t seed = 1;
  for (const Octets& compound : compounds) {
    for (const Protection protection :
         {Protection::kUnknown, Protection::kPlain, Protection::kSrtp}) {
      const Decoded got = read(join({scrambled(compound, ++seed), kTrailer}), protection);
      CHECK(got.outcome.verdict == Verdict::kEncrypted);
      CHECK(got.records.size() == 1);
      CHECK(got.of(RecordKind::kEncrypted).packetType == compound[1]);
      CHECK(got.of(RecordKind::kEncrypted).senderSsrc == probe::load32be(compound.data() + 4));
    }
  }
}

TEST("the index word is found in every layout in use") {
  const Octets encrypted = scrambled(join({kSenderReport, kDescription}), 7);
  const Octets index = {0x80, 0x00, 0xa1, 0x5e};
  for (const std::size_t tagBytes : {4U, 10U}) {
    for (const std::size_t identifierBytes : {0U, 1U, 4U}) {
      const Octets datagram =
          join({encrypted, index, Octets(identifierBytes, 1), Octets(tagBytes, 0x5a)});
      const bool isKnown = tagBytes == 10 || identifierBytes == 0;
      CHECK(read(datagram).outcome.verdict ==
            (isKnown ? Verdict::kEncrypted : Verdict::kMalformed));
    }
  }
  for (const std::size_t identifierBytes : {0U, 1U, 4U}) {
    const Octets gcm = join({encrypted, Octets(16, 0x5a), index, Octets(identifierBytes, 1)});
    CHECK(read(gcm).outcome.verdict == Verdict::kEncrypted);
  }
}

TEST("behind a long key identifier, only signalling tells SRTCP from a broken compound") {
  const Octets withIdentifier =
      join({scrambled(kSenderReport, 3), {0x80, 0, 0, 9}, Octets(8, 1), Octets(10, 0x5a)});
  const Decoded unknown = read(withIdentifier);
  CHECK(unknown.outcome.verdict == Verdict::kMalformed);
  CHECK(unknown.records.empty());
  CHECK(read(withIdentifier, Protection::kSrtp).outcome.verdict == Verdict::kEncrypted);
}

TEST("GCM ciphertext that imitates a header is not read, whatever is known of the path") {
  Octets imitation = scrambled(kSenderReport, 5);
  const Octets header = {0x80, 0xc9, 0x00, 0x04};  // an RR of exactly the 20 bytes that follow
  imitation = join({imitation, header, Octets(12, 0x77), {0x80, 0x00, 0x00, 0x09}});
  for (const Protection protection :
       {Protection::kUnknown, Protection::kPlain, Protection::kSrtp}) {
    CHECK(read(imitation, protection).outcome.verdict == Verdict::kEncrypted);
  }
}

TEST("no random ciphertext is ever read, with any trailer in use") {
  std::mt19937 random(20240601);
  const Octets compound = join({kSenderReport, kDescription});
  for (std::uint32_t seed = 0; seed < 20000; ++seed) {
    Octets datagram = scrambled(compound, seed);
    if (seed % 2 == 0) {
      datagram = join({datagram, kTrailer});
    } else {
      datagram = join({datagram, Octets(16, static_cast<std::uint8_t>(random())), {0x80, 0, 0, 1}});
    }
    const Decoded got = read(datagram);
    CHECK(got.outcome.verdict == Verdict::kEncrypted);
    CHECK(got.records.size() == 1);
  }
}

TEST("a plain packet or a linked compound stays plain on a path known to be SRTP") {
  CHECK(read(kApplicationPacket, Protection::kSrtp).of(RecordKind::kApplication).senderSsrc ==
        0x1a2b3c4d);
  const Decoded bye = read(join({kByeTwo, kDescription}), Protection::kSrtp);
  CHECK(bye.outcome.verdict == Verdict::kDecoded);
  CHECK(bye.count(RecordKind::kBye) == 2);
}

TEST("a compound of several sources is plain unless the path is known to be SRTP") {
  Octets other = kReceiverReport;
  other[7] = 0x4e;
  const Octets compound = join({kSenderReport, other});
  CHECK(read(compound).outcome.verdict == Verdict::kDecoded);
  CHECK(read(compound, Protection::kSrtp).outcome.verdict == Verdict::kEncrypted);
}

TEST("bytes behind a linked compound are malformed and cost no record") {
  const Decoded got = read(join({kSenderReport, kDescription, {0, 0, 0, 0, 0, 0, 0, 0}}));
  CHECK(got.outcome.verdict == Verdict::kMalformed);
  CHECK(got.outcome.packets == 2);
  CHECK(got.count(RecordKind::kCname) == 2);
}

TEST("bytes behind a single packet leave it unread unless the path is known to be plain") {
  const Octets trailed = join({kSenderReport, {0, 0, 0, 0}});
  CHECK(read(trailed).outcome.verdict == Verdict::kMalformed);
  CHECK(read(trailed).records.empty());
  CHECK(read(trailed, Protection::kPlain).outcome.verdict == Verdict::kMalformed);
  CHECK(read(trailed, Protection::kPlain).records.size() == 2);
  CHECK(read(trailed, Protection::kSrtp).outcome.verdict == Verdict::kEncrypted);
}

TEST("look-alikes are not RTCP") {
  const Octets lookAlikes[] = {
      {},
      {0x80},
      {0x80, 0xc8, 0x00, 0x06, 0x00, 0x00, 0x00},                          // no room for an SSRC
      {0xb9, 0xc8, 0x01, 0x20, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00},  // DNS query b9c8
      {0x91, 0xdf, 0x81, 0xa0, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00},  // DNS answer 91df
      {0x80, 0xca, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00},        // DNS without flags
      {0x40, 0xc8, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01},                    // QUIC short header
      {0xc3, 0xc9, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01},                    // QUIC long header
      {0x21, 0xc9, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01},                    // uTP state
      {0x80, 0xe0, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01},                    // RTP, marker, PT 96
      {0x80, 0x48, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01},                    // RTP, PT 72
      {0x80, 0xc8, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01},                    // an SR of 8 bytes
      {0x9f, 0xc9, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01},                    // 31 blocks in 8 bytes
      {0x80, 0xcd, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01},                    // feedback to nobody
  };
  for (const Octets& bytes : lookAlikes) {
    for (const Protection protection :
         {Protection::kUnknown, Protection::kPlain, Protection::kSrtp}) {
      const Decoded got = read(bytes, protection);
      CHECK(got.outcome.verdict == Verdict::kNotRtcp);
      CHECK(got.records.empty());
    }
  }
}

TEST("on a shared port the second byte tells RTCP from RTP") {
  const auto looks = [](const Octets& bytes) { return looksLikeRtcp(bytes); };
  CHECK(looks({0x80, 0xc8, 0, 0}));
  CHECK(looks({0xbf, 0xc0, 0, 0}));
  CHECK(looks({0x80, 0xdf, 0, 0}));
  CHECK(!looks({0x80, 0xe0, 0, 0}));
  CHECK(!looks({0x80, 0xbf, 0, 0}));
  CHECK(!looks({0x80, 0x48, 0, 0}));
  CHECK(!looks({0x40, 0xc8, 0, 0}));
  CHECK(!looks({0xc0, 0xc8, 0, 0}));
  CHECK(!looks({0x80, 0xc8, 0}));
  CHECK(!looks({}));
}

TEST("a cut datagram gives the records that are complete, and no other") {
  const Octets compounds[] = {
      join({kSenderReport, kDescription, kByeTwo}),
      join({kReceiverReport, kDescription}),
      join({kExtended, kNack}),
      kApplicationPacket,
      kPictureLoss,
      kExtended,
  };
  for (const Octets& compound : compounds) {
    const Decoded whole = read(compound);
    CHECK(whole.outcome.verdict == Verdict::kDecoded);
    std::size_t before = 0;
    for (std::size_t length = 0; length < compound.size(); ++length) {
      const Decoded cut = read(firstOf(compound, length), Protection::kPlain, compound.size());
      CHECK(cut.outcome.verdict == (length < 8 ? Verdict::kNotRtcp : Verdict::kTruncated));
      CHECK(cut.records.size() >= before);
      CHECK(cut.records.size() <= whole.records.size());
      before = cut.records.size();
      for (std::size_t i = 0; i < cut.records.size(); ++i) {
        const Record& got = cut.records[i];
        CHECK(got.kind == whole.records[i].kind);
        CHECK(got.subjectSsrc == whole.records[i].subjectSsrc);
        // A reason or padding behind the cut may be missing; what is there must be the same.
        for (std::size_t v = 0; v < kValuesPerRecord; ++v) {
          CHECK(got.values[v] == whole.records[i].values[v] || std::isnan(got.values[v]));
        }
      }
    }
  }
}

TEST("a cut datagram that may be SRTCP gives nothing until a second packet shows it is plain") {
  const Octets compound = join({kSenderReport, kDescription});
  for (std::size_t length = 8; length < compound.size(); ++length) {
    const Decoded cut = read(firstOf(compound, length), Protection::kUnknown, compound.size());
    const bool seesSecond = length >= kSenderReport.size() + 4;  // whose length fits exactly
    CHECK(cut.outcome.verdict == Verdict::kTruncated);
    CHECK((cut.count(RecordKind::kReportBlock) == 1) == seesSecond);
    CHECK(seesSecond || cut.records.empty());
  }
  const Octets encrypted = join({scrambled(compound, 11), kTrailer});
  for (std::size_t length = 8; length < encrypted.size(); ++length) {
    for (const Protection protection :
         {Protection::kUnknown, Protection::kPlain, Protection::kSrtp}) {
      const Decoded cut = read(firstOf(encrypted, length), protection, encrypted.size());
      CHECK(cut.records.empty() || cut.records[0].kind == RecordKind::kEncrypted);
    }
    CHECK(read(firstOf(encrypted, length), Protection::kSrtp, encrypted.size()).outcome.verdict ==
          Verdict::kEncrypted);
  }
}

TEST("a cut datagram whose second header is visibly none is not read, whatever is known") {
  const Octets gcm = join({scrambled(join({kSenderReport, kDescription}), 13),
                           Octets(16, 0x5a),
                           {0x80, 0x00, 0x00, 0x09}});
  for (std::size_t length = kSenderReport.size() + 4; length < gcm.size(); ++length) {
    for (const Protection protection : {Protection::kUnknown, Protection::kPlain}) {
      const Decoded cut = read(firstOf(gcm, length), protection, gcm.size());
      CHECK(cut.outcome.verdict == Verdict::kMalformed);
      CHECK(cut.records.empty());
    }
  }
}

TEST("a single packet that fills the datagram is plain even when cut") {
  const Decoded cut = read(firstOf(kSenderReport, 28), Protection::kSrtp, kSenderReport.size());
  CHECK(cut.outcome.verdict == Verdict::kTruncated);
  CHECK(cut.count(RecordKind::kSenderInfo) == 1);
  CHECK(cut.count(RecordKind::kReportBlock) == 0);
}

TEST("one datagram gives a bounded number of records") {
  Octets hostile = {0x80, 0xcf, 0x3f, 0xfe, 0, 0, 0, 1, 0x05, 0x00, 0x3f, 0xfc};
  hostile.resize(4 * 0x3fff, 0xff);
  const Decoded got = read(hostile);
  CHECK(got.records.size() == kMaxRecordsPerDatagram);
  CHECK(got.outcome.droppedRecords == (0x3ffcU * 4 / 12) - kMaxRecordsPerDatagram);
}

TEST("records are appended to what the caller holds") {
  std::vector<Record> records(3, Record{RecordKind::kEncrypted, 200, 1, 1});
  decode(kSenderReport, kSenderReport.size(), Protection::kUnknown, records);
  CHECK(records.size() == 5);
  CHECK(records[3].kind == RecordKind::kSenderInfo);
}

TEST("any change of any byte keeps to the contract") {
  const Octets base = join({kSenderReport, kExtended, kDescription, kByeTwo});
  for (std::size_t at = 0; at < base.size(); ++at) {
    for (const unsigned value : {0x00U, 0x01U, 0x1fU, 0x7fU, 0x80U, 0xffU}) {
      Octets changed = base;
      changed[at] = static_cast<std::uint8_t>(value);
      const Decoded got = read(changed);
      for (const Record& record : got.records) {
        const bool isText = record.kind == RecordKind::kCname || record.kind == RecordKind::kBye;
        CHECK(!isText || std::isnan(record.values[Text::kOffset]) ||
              record.values[Text::kOffset] + record.values[Text::kLength] <=
                  static_cast<double>(base.size()));
      }
      CHECK(got.outcome.verdict != Verdict::kNotRtcp || got.records.empty());
      CHECK(got.outcome.verdict != Verdict::kEncrypted || got.records.size() == 1);
    }
  }
}
