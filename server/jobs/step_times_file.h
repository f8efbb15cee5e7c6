// The measured times of clips in a small JSON file, so that the next server's estimates are no first guess.
//
// Estimates are worth no failure: a file that is missing, damaged, of a newer version or measured on another machine is
// as good as none, and one that cannot be written is a warning in the log. Replaced as a whole, so it is never half
// one.
#pragma once

#include <string>
#include <vector>

#include "server/jobs/step_times.h"

namespace ovi {

class StepTimesFile {
 public:
  // `measured_on`: model and device. Times of another are not taken over.
  StepTimesFile(std::string path, std::string measured_on);

  std::vector<StepTime> Read() const;
  void Write(const std::vector<StepTime>& times) const;

 private:
  std::string path_, measured_on_;
};

// Times that are kept in that file; with an empty `path` they are not kept.
StepTimes KeptStepTimes(const std::string& path, const std::string& measured_on);

}  // namespace ovi
