#include "bot/mail.hpp"

#include <curl/curl.h>

#include <cstring>
#include <ctime>
#include <memory>

namespace bot {
namespace {

struct Reading {
  std::string text;
  std::size_t at = 0;
};

std::size_t read(char* to, std::size_t size, std::size_t count, void* from) {
  auto& reading = *static_cast<Reading*>(from);
  std::size_t n = std::min(size * count, reading.text.size() - reading.at);
  std::memcpy(to, reading.text.data() + reading.at, n);
  reading.at += n;
  return n;
}

std::string date() {
  std::time_t now = std::time(nullptr);
  std::tm tm{};
  gmtime_r(&now, &tm);
  char text[64];  // NOLINT: strftime's
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", &tm)};
}

}  // namespace

std::string send_mail(const Smtp& smtp, const std::string& to, const std::string& subject, const std::string& text) {
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), &curl_easy_cleanup);
  if (!curl) return "no curl";
  Reading reading{"Date: " + date() + "\r\nFrom: <" + smtp.from + ">\r\nTo: <" + to + ">\r\nSubject: " + subject +
                      "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text + "\r\n",
                  0};
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> whom(curl_slist_append(nullptr, to.c_str()),
                                                                   &curl_slist_free_all);
  std::string sender = "<" + smtp.from + ">";
  curl_easy_setopt(curl.get(), CURLOPT_URL, smtp.url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  if (!smtp.user.empty()) {
    curl_easy_setopt(curl.get(), CURLOPT_USE_SSL, long{CURLUSESSL_ALL});
    curl_easy_setopt(curl.get(), CURLOPT_USERNAME, smtp.user.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PASSWORD, smtp.password.reveal().c_str());
  }
  curl_easy_setopt(curl.get(), CURLOPT_MAIL_FROM, sender.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_MAIL_RCPT, whom.get());
  curl_easy_setopt(curl.get(), CURLOPT_READFUNCTION, &read);
  curl_easy_setopt(curl.get(), CURLOPT_READDATA, &reading);
  curl_easy_setopt(curl.get(), CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, long{kMailDeadline.count()});
  CURLcode code = curl_easy_perform(curl.get());
  return code == CURLE_OK ? "" : curl_easy_strerror(code);
}

}  // namespace bot
