#include <cmath>

#include "check.hpp"
#include "rtcp_vectors.hpp"

using namespace probe::rtcp;
using namespace probe::test::rtcp_vectors;

TEST("an SR gives its sender information and its blocks") {
  const Decoded got = read(kSenderReport);
  CHECK(got.outcome.verdict == Verdict::kDecoded);
  CHECK(got.outcome.packets == 1);
  CHECK(got.records.size() == 2);
  const Record info = got.of(RecordKind::kSenderInfo);
  CHECK(info.packetType == 200);
  CHECK(info.senderSsrc == 0x1a2b3c4d);
  CHECK(info.subjectSsrc == 0x1a2b3c4d);
  CHECK(info.values[SenderInfo::kNtpSeconds] == 0xb44db705);
  CHECK(info.values[SenderInfo::kNtpFraction] == 0x20000000);
  CHECK(info.values[SenderInfo::kRtpTimestamp] == 0xfffffff0);
  CHECK(info.values[SenderInfo::kPackets] == 250);
  CHECK(info.values[SenderInfo::kOctets] == 2147523648.0);
  CHECK(std::isnan(info.values[SenderInfo::kOctets + 1]));
  const Record block = got.of(RecordKind::kReportBlock);
  CHECK(block.packetType == 200);
  CHECK(block.senderSsrc == 0x1a2b3c4d);
  CHECK(block.subjectSsrc == 0x5e6f7081);
  CHECK(block.values[ReportBlock::kFractionLost] == 0.25);
  CHECK(block.values[ReportBlock::kPacketsLost] == -2);
  CHECK(block.values[ReportBlock::kExtendedHighestSequence] == 100000);
  CHECK(block.values[ReportBlock::kJitterTicks] == 320);
  CHECK(block.values[ReportBlock::kLsr] == 0xb7052000);
  CHECK(block.values[ReportBlock::kDlsr] == 0x00054000);
}

TEST("every block of an RR is given, with unsigned fields at their upper end") {
  const Decoded got = read(kReceiverReport);
  CHECK(got.outcome.verdict == Verdict::kDecoded);
  CHECK(got.of(RecordKind::kReceiverReport).values[ReceiverReport::kBlocks] == 2);
  CHECK(got.count(RecordKind::kReportBlock) == 2);
  const Record second = got.of(RecordKind::kReportBlock, 1);
  CHECK(second.subjectSsrc == 7);
  CHECK(second.values[ReportBlock::kFractionLost] == 255.0 / 256);
  CHECK(second.values[ReportBlock::kPacketsLost] == 8388607);
  CHECK(second.values[ReportBlock::kExtendedHighestSequence] == 4294901761.0);
  CHECK(second.values[ReportBlock::kJitterTicks] == 4294967295.0);
  CHECK(second.values[ReportBlock::kLsr] == 0);
}

TEST("cumulative loss is a signed 24-bit number") {
  const struct {
    std::uint32_t field;
    double value;
  } cases[] = {{0x000000, 0},        {0x000005, 5},  {0x7fffff, 8388607},
               {0x800000, -8388608}, {0xffffff, -1}, {0xfffffe, -2}};
  for (const auto& [field, value] : cases) {
    Octets report = kSenderReport;
    report[33] = static_cast<std::uint8_t>(field >> 16U);
    report[34] = static_cast<std::uint8_t>(field >> 8U);
    report[35] = static_cast<std::uint8_t>(field);
    CHECK(read(report).of(RecordKind::kReportBlock).values[ReportBlock::kPacketsLost] == value);
  }
}

TEST("fraction lost is the field over 256, not over 255 or 100") {
  const struct {
    std::uint8_t field;
    double value;
  } cases[] = {{0, 0}, {1, 0.00390625}, {5, 0.01953125}, {128, 0.5}, {255, 0.99609375}};
  for (const auto& [field, value] : cases) {
    Octets report = kSenderReport;
    report[32] = field;
    CHECK(read(report).of(RecordKind::kReportBlock).values[ReportBlock::kFractionLost] == value);
  }
}

TEST("an RR without blocks is recorded as such") {
  const Decoded got = read({0x80, 0xc9, 0x00, 0x01, 0x00, 0x00, 0x00, 0x2a});
  CHECK(got.outcome.verdict == Verdict::kDecoded);
  CHECK(got.records.size() == 1);
  CHECK(got.of(RecordKind::kReceiverReport).senderSsrc == 42);
  CHECK(got.of(RecordKind::kReceiverReport).values[ReceiverReport::kBlocks] == 0);
}

TEST("a profile-specific extension behind the blocks is tolerated") {
  Octets extended = join({kSenderReport, {0xde, 0xad, 0xbe, 0xef, 0x00, 0x00, 0x00, 0x00}});
  extended[3] = 0x0e;  // 15 words
  const Decoded got = read(extended);
  CHECK(got.outcome.verdict == Verdict::kDecoded);
  CHECK(got.records.size() == 2);
}

TEST("the CNAME of each chunk is found behind other items, as offset and length in the payload") {
  const Octets compound = join({kSenderReport, kDescription});
  const Decoded got = read(compound);
  CHECK(got.outcome.verdict == Verdict::kDecoded);
  CHECK(got.outcome.packets == 2);
  CHECK(got.count(RecordKind::kCname) == 2);
  CHECK(got.of(RecordKind::kCname).subjectSsrc == 0x1a2b3c4d);
  CHECK(textOf(compound, got.of(RecordKind::kCname)) == "a@b.test1");
  CHECK(got.of(RecordKind::kCname, 1).subjectSsrc == 7);
  CHECK(textOf(compound, got.of(RecordKind::kCname, 1)) == "c@d.e");
}

TEST("an empty CNAME is one of length 0, and a chunk may end without its null octet") {
  const Decoded empty = read({0x81, 0xca, 0x00, 0x02, 0, 0, 0, 1, 0x01, 0x00, 0x00, 0x00});
  CHECK(empty.outcome.verdict == Verdict::kDecoded);
  CHECK(empty.of(RecordKind::kCname).values[Text::kLength] == 0);
  const Octets unended = {0x81, 0xca, 0x00, 0x02, 0, 0, 0, 1, 0x01, 0x02, 'o', 'k'};
  const Decoded got = read(unended);
  CHECK(got.outcome.verdict == Verdict::kDecoded);
  CHECK(textOf(unended, got.of(RecordKind::kCname)) == "ok");
}

TEST("a BYE is recorded for every source, with the reason") {
  const Octets compound = join({kSenderReport, kByeTwo});
  const Decoded got = read(compound);
  CHECK(got.outcome.verdict == Verdict::kDecoded);
  CHECK(got.count(RecordKind::kBye) == 2);
  CHECK(got.of(RecordKind::kBye).subjectSsrc == 0x1a2b3c4d);
  CHECK(got.of(RecordKind::kBye, 1).subjectSsrc == 7);
  CHECK(textOf(compound, got.of(RecordKind::kBye, 1)) == "done");
}

TEST("a BYE without a reason has none") {
  const Decoded got = read({0x81, 0xcb, 0x00, 0x01, 0x00, 0x00, 0x00, 0x2a});
  CHECK(got.outcome.verdict == Verdict::kDecoded);
  CHECK(got.of(RecordKind::kBye).subjectSsrc == 42);
  CHECK(std::isnan(got.of(RecordKind::kBye).values[Text::kOffset]));
}

TEST("an APP gives subtype, name and length") {
  const Record app = read(kApplicationPacket).of(RecordKind::kApplication);
  CHECK(app.packetType == 204);
  CHECK(app.senderSsrc == 0x1a2b3c4d);
  CHECK(app.values[Application::kSubtype] == 3);
  CHECK(app.values[Application::kName] == 0x50494e47);
  CHECK(app.values[Application::kDataBytes] == 4);
}

TEST("reduced-size feedback gives its format and whom it asks") {
  const Decoded nack = read(kNack);
  CHECK(nack.outcome.verdict == Verdict::kDecoded);
  CHECK(nack.of(RecordKind::kFeedback).packetType == 205);
  CHECK(nack.of(RecordKind::kFeedback).subjectSsrc == 0x5e6f7081);
  CHECK(nack.of(RecordKind::kFeedback).values[Feedback::kFormat] == 1);
  CHECK(nack.of(RecordKind::kFeedback).values[Feedback::kControlBytes] == 4);
  CHECK(read(kPictureLoss).of(RecordKind::kFeedback).packetType == 206);
}

TEST("an XR gives the blocks that are known and counts the others") {
  const Decoded got = read(kExtended);
  CHECK(got.outcome.verdict == Verdict::kDecoded);
  CHECK(got.outcome.skippedBlocks == 1);
  CHECK(got.records.size() == 6);
  CHECK(got.of(RecordKind::kXrReferenceTime).senderSsrc == 0x1a2b3c4d);
  CHECK(got.of(RecordKind::kXrReferenceTime).values[XrReferenceTime::kNtpSeconds] == 0xb44db705);
  CHECK(got.of(RecordKind::kXrReferenceTime).values[XrReferenceTime::kNtpFraction] == 0x20000000);
  CHECK(got.of(RecordKind::kXrReferenceTime, 1).values[XrReferenceTime::kNtpFraction] == 2);
}

TEST("every sub-block of a DLRR is given") {
  const Decoded got = read(kExtended);
  CHECK(got.count(RecordKind::kXrDlrr) == 2);
  CHECK(got.of(RecordKind::kXrDlrr).subjectSsrc == 0x5e6f7081);
  CHECK(got.of(RecordKind::kXrDlrr).values[XrDlrr::kLrr] == 0xb7052000);
  CHECK(got.of(RecordKind::kXrDlrr).values[XrDlrr::kDlrr] == 0x00054000);
  CHECK(got.of(RecordKind::kXrDlrr, 1).subjectSsrc == 7);
  CHECK(got.of(RecordKind::kXrDlrr, 1).values[XrDlrr::kLrr] == 0);
}

TEST("a part of the statistics summary whose flag is not set is absent") {
  const Record got = read(kExtended).of(RecordKind::kXrStatistics);
  CHECK(got.subjectSsrc == 0x5e6f7081);
  CHECK(got.values[XrStatistics::kBeginSequence] == 65520);
  CHECK(got.values[XrStatistics::kEndSequence] == 16);
  CHECK(got.values[XrStatistics::kLost] == 5);
  CHECK(std::isnan(got.values[XrStatistics::kDuplicated]));
  CHECK(got.values[XrStatistics::kMinJitterTicks] == 1);
  CHECK(got.values[XrStatistics::kMaxJitterTicks] == 255);
  CHECK(got.values[XrStatistics::kMeanJitterTicks] == 32);
  CHECK(got.values[XrStatistics::kDeviationJitterTicks] == 16);
  CHECK(got.values[XrStatistics::kTtlKind] == 1);
  CHECK(got.values[XrStatistics::kMinTtl] == 56);
  CHECK(got.values[XrStatistics::kMaxTtl] == 64);
  CHECK(got.values[XrStatistics::kMeanTtl] == 60);
  CHECK(got.values[XrStatistics::kDeviationTtl] == 2);

  Octets onlyDuplicates = kExtended;
  onlyDuplicates[61] = 0x40;
  const Record other = read(onlyDuplicates).of(RecordKind::kXrStatistics);
  CHECK(std::isnan(other.values[XrStatistics::kLost]));
  CHECK(other.values[XrStatistics::kDuplicated] == 9);
  for (std::size_t i = XrStatistics::kMinJitterTicks; i <= XrStatistics::kDeviationTtl; ++i) {
    CHECK(std::isnan(other.values[i]));
  }
}

TEST("VoIP metrics come in their units") {
  const Record got = read(kExtended).of(RecordKind::kXrVoipMetrics);
  const double nan = std::nan("");
  const double expected[] = {12 / 256.0, 0.25, 85 / 256.0, 9 / 256.0, 120, 520, 84,   60, -21, -50,
                             55,         16,   88,         nan,       4.3, 4.2, 0xfc, 40, 80,  120};
  CHECK(got.subjectSsrc == 0x5e6f7081);
  for (std::size_t i = 0; i < kValuesPerRecord; ++i) {
    CHECK(std::isnan(expected[i]) ? std::isnan(got.values[i]) : got.values[i] == expected[i]);
  }
}

TEST("a VoIP metric that the reporter does not know is absent") {
  const std::size_t block = 100;
  CHECK(kExtended[block] == 7);
  Octets unknown = kExtended;
  for (std::size_t i = 16; i < 20; ++i) {
    unknown[block + i] = 0;  // delays
  }
  for (const std::size_t i : {20U, 21U, 22U, 24U, 25U, 26U, 27U}) {
    unknown[block + i] = 127;
  }
  const Record got = read(unknown).of(RecordKind::kXrVoipMetrics);
  for (std::size_t i = XrVoipMetrics::kRoundTripMs; i <= XrVoipMetrics::kMosCq; ++i) {
    CHECK(std::isnan(got.values[i]) == (i != XrVoipMetrics::kGmin));
  }
  unknown[block + 24] = 101;  // no rating
  unknown[block + 26] = 51;   // no score
  unknown[block + 27] = 9;
  const Record impossible = read(unknown).of(RecordKind::kXrVoipMetrics);
  CHECK(std::isnan(impossible.values[XrVoipMetrics::kRFactor]));
  CHECK(std::isnan(impossible.values[XrVoipMetrics::kMosLq]));
  CHECK(std::isnan(impossible.values[XrVoipMetrics::kMosCq]));
}

TEST("a packet of an unknown type is skipped and counted") {
  const Octets unknown = {0x80, 0xd0, 0x00, 0x02, 0, 0, 0, 1, 9, 9, 9, 9};
  const Decoded got = read(join({kSenderReport, unknown, kDescription}));
  CHECK(got.outcome.verdict == Verdict::kDecoded);
  CHECK(got.outcome.packets == 3);
  CHECK(got.outcome.skippedPackets == 1);
  CHECK(got.count(RecordKind::kCname) == 2);
}

TEST("the padding of the last packet is not read as content") {
  const Octets padded = {
      0xa0, 0xcf, 0x00, 0x06,  // V=2, P, XR, 7 words
      0x1a, 0x2b, 0x3c, 0x4d,  //
      0x04, 0x00, 0x00, 0x02,  // reference time
      0x00, 0x00, 0x00, 0x01,  //
      0x00, 0x00, 0x00, 0x02,  //
      0x04, 0x00, 0x00, 0x02,  // 8 bytes of padding that look like a block
      0x00, 0x00, 0x00, 0x08,  //
  };
  const Decoded got = read(padded);
  CHECK(got.outcome.verdict == Verdict::kDecoded);
  CHECK(got.count(RecordKind::kXrReferenceTime) == 1);
  CHECK(got.outcome.skippedBlocks == 0);
}

TEST("an impossible padding count is ignored") {
  for (const unsigned count : {0U, 1U, 3U, 12U, 255U}) {
    Octets bye = {0xa1, 0xcb, 0x00, 0x02, 0, 0, 0, 1, 0x02, 'o', 'k', 0};
    bye.back() = static_cast<std::uint8_t>(count);
    const Decoded got = read(bye);
    CHECK(got.outcome.verdict == Verdict::kDecoded);
    CHECK(textOf(bye, got.of(RecordKind::kBye)) == "ok");
  }
}

TEST("padding before the last packet breaks the rules but costs no record") {
  Octets padded = join({kSenderReport, kDescription});
  padded[0] |= 0x20U;
  const Decoded got = read(padded);
  CHECK(got.outcome.verdict == Verdict::kMalformed);
  CHECK(got.count(RecordKind::kReportBlock) == 1);
  CHECK(got.count(RecordKind::kCname) == 2);
}

TEST("an item that runs out of its packet is malformed, what is before it is kept") {
  Octets overrun = join({kSenderReport, kDescription});
  overrun[kSenderReport.size() + 14] = 200;  // length of the first CNAME
  const Decoded got = read(overrun);
  CHECK(got.outcome.verdict == Verdict::kMalformed);
  CHECK(got.count(RecordKind::kReportBlock) == 1);
  CHECK(got.count(RecordKind::kCname) == 0);

  Octets reason = join({kSenderReport, kByeTwo});
  reason[kSenderReport.size() + 12] = 8;  // one more than there is
  CHECK(read(reason).outcome.verdict == Verdict::kMalformed);
  CHECK(read(reason).count(RecordKind::kBye) == 2);
  CHECK(std::isnan(read(reason).of(RecordKind::kBye).values[Text::kOffset]));
}

TEST("an XR block that is too short or runs out of its packet is malformed") {
  Octets longer = kExtended;
  longer[11] = 0xff;  // the reference time claims 256 words
  CHECK(read(longer).outcome.verdict == Verdict::kMalformed);
  CHECK(read(longer).records.empty());

  Octets shorter = kExtended;
  shorter[11] = 0x01;  // two words: what follows is then no block of its own
  CHECK(read(shorter).outcome.verdict == Verdict::kMalformed);
  CHECK(std::none_of(shorter.begin(), shorter.begin(), [](auto) { return true; }));

  const Octets uneven = {
      0x80, 0xcf, 0x00, 0x06,  // V=2, XR, 7 words
      0x1a, 0x2b, 0x3c, 0x4d,  // sender
      0x05, 0x00, 0x00, 0x04,  // DLRR, 5 words: one sub-block and a third of the next
      0x5e, 0x6f, 0x70, 0x81,  //
      0xb7, 0x05, 0x20, 0x00,  //
      0x00, 0x05, 0x40, 0x00,  //
      0x00, 0x00, 0x00, 0x07,  //
  };
  CHECK(read(uneven).outcome.verdict == Verdict::kMalformed);
  CHECK(read(uneven).count(RecordKind::kXrDlrr) == 1);
}
