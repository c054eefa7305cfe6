// push: a browser whose page is closed is told that something was said unasked: a look-in, a check-back. Nothing of it
// is in the call (vapid.hpp), which goes to the push service of the browser's maker. Addresses of push services are the
// person's, kept and erased with them; one that is gone (404, 410) is dropped. Off without a public address: push
// services want to know whose calls they are.
// Protocol: GET gives {"key"}; POST {"endpoint": address, "on": true or false}, 204 after the commit. Errors: 400 where
// the address is none that we would call, 503 with the store away. Threads: any. Tested by tests/e2e/push.mjs.
#pragma once
#include <functional>
#include <string>

#include "bot/environment.hpp"
#include "bot/http.hpp"
#include "bot/http_client.hpp"
#include "bot/store.hpp"

namespace bot {

inline constexpr std::size_t kMaxEndpointBytes = 1'000;

class Push {
 public:
  using Call = std::function<void(adapters::HttpCall, bool allow_private, CallDone)>;
  Push(Store& store, Environment& environment, adapters::Secret secret, std::string public_url, Call call)
      : store_(store),
        environment_(environment),
        secret_(std::move(secret)),
        public_url_(std::move(public_url)),
        call_(std::move(call)) {}
  void handle(const HttpRequest& request, const Address& address, Answer answer);
  void tell(const OutboxRow& row);

 private:
  // Ours is this machine only: theirs may be, too.
  [[nodiscard]] bool local() const { return public_url_.starts_with("http://"); }
  void change(const Address& address, const std::string& endpoint, bool on, Done done);

  Store& store_;
  Environment& environment_;
  adapters::Secret secret_;
  std::string public_url_;
  Call call_;
};

}  // namespace bot
