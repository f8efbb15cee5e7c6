// Holds a runner to the public goldens: the cases of one kind, the bundle they were made with, float32 on the CPU.
//
//   TEST(AudioParityTest, MatchesEveryGolden) { ExpectAllMatch("audio", RunAudioCase); }
//
// Goldens that cannot be read end the process: nothing could be said about any case.
#pragma once

#include <string>
#include <vector>

#include "engine/parity/parity_case.h"

namespace ovi {

ParityContext GoldenContext();

// Every case of that kind, with its tensors.
std::vector<ParityCase> LoadGoldens(const std::string& kind);

// Fails the running test unless every expected tensor was computed and is within its tolerance.
void ExpectMatches(const CaseOutcome& outcome, const ParityCase& parity_case);

// The two above for every case of that kind; there must be one.
void ExpectAllMatch(const std::string& kind, const CaseRunner& runner);

}  // namespace ovi
