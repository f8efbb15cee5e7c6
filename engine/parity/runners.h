// Which runner knows which kind of case: the one place that knows them all.
#pragma once

#include <map>
#include <string>

#include "engine/parity/parity_case.h"

namespace ovi {

using RunnerTable = std::map<std::string, CaseRunner>;  // by kind

RunnerTable AllRunners();

}  // namespace ovi
