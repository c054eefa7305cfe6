// vapid: a push to a browser that asked for it: RFC 8030 (the call), RFC 8292 (who we are: a JSON Web Token signed with
// ES256). It carries nothing: no word leaves the house with it, and there is nothing to seal; the page is opened to
// read. A page subscribes with es256_public() (jwt.hpp). Pure; threads: any. Errors: an empty call where the address is
// none. Source: rfc-editor.org/rfc/ rfc8292 and rfc8030, read 2026-11-30. Tested by tests/adapters/vapid_test.cpp.
#pragma once
#include <string>
#include <string_view>

#include "adapters/adapter.hpp"

namespace adapters {

// subscriber: the address that a browser gave; contact: ours, https: or mailto:. urgent: delivered at once, else when
// the device wakes.
HttpCall push_call(const std::string& subscriber, const std::string& contact, std::string_view secret, Time now,
                   bool urgent);

}  // namespace adapters
