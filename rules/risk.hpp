// risk: the person's risk state. It rises by findings and answers at once, and falls only by time together with a
// neutral re-check: never by words alone, by stop, or by a new conversation (conversation.md 6.1). Worry for another
// falls when help is with them. The hours stand here and nowhere else, until a clinician sets others. Tested by
// tests/rules/parts_test.cpp.
#pragma once
#include "rules/person.hpp"
#include "rules/reading.hpp"

namespace rules {

inline constexpr std::chrono::hours kImmediateHours{24}, kHighHours{24}, kLowHours{72}, kWatchHours{24 * 7};

Risk risk_of(Level level);  // what a finding of this level raises to, before any answer

void raise(Person& person, Risk to, Time now);
// keep.risk_kind: what is asked of a person at high risk, and in which words: nobody who worries for another, or drank
// too much, is told that they think of suicide. resolve() leaves a worry for another at watch, once help is with them.
inline constexpr std::string_view kRiskOfOther = "other";
// Before raise(): while risk is high, worry for another or for the body does not take the place of what was found of
// the person. One of self, violence, other, care.
std::string risk_kind(const Person& person, const Finding& finding);
void resolve(Person& person, Time now);
// A re-check answered "no": one step down when the time for it has passed. True when it fell.
bool recheck_negative(Person& person, Time now);

bool closes_gate(Need need);  // violence and control: no step towards that person
void close_gate(Person& person, std::string_view relationship, Time now);

}  // namespace rules
