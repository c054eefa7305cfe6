// The reply of last resort: compiled in, so that it needs no pack, no directory file and no store.
// Numbers: rules/directory (2026-11-24); tests/rules/directory_test.cpp holds the two together.
#include <array>

#include "rules/compose.hpp"
#include "rules/engine.hpp"

namespace rules {
namespace {

struct Line {
  std::string_view country, prefix, emergency, crisis;
};

constexpr std::array<Line, 16> kLines{{{"US", "+1", "911", "988 (call or text)"},
                                       {"CA", "", "911", "988 (call or text)"},
                                       {"GB", "+44", "999", "Samaritans 116 123"},
                                       {"IE", "+353", "112", "Samaritans 116 123"},
                                       {"AU", "+61", "000", "Lifeline 13 11 14"},
                                       {"NZ", "+64", "111", "1737 (call or text)"},
                                       {"ES", "+34", "112", "024"},
                                       {"FR", "+33", "112", "3114"},
                                       {"DE", "+49", "112", "TelefonSeelsorge 0800 1110111"},
                                       {"AT", "+43", "112", "TelefonSeelsorge 142"},
                                       {"NL", "+31", "112", "113"},
                                       {"IN", "+91", "112", "Tele-MANAS 14416"},
                                       {"BR", "+55", "192", "CVV 188"},
                                       {"MX", "+52", "911", "Línea de la Vida 800 911 2000"},
                                       {"JP", "+81", "119", "0120-279-338"},
                                       {"KR", "+82", "112", "109"}}};

struct Words {
  std::string_view language, text;
};

constexpr std::array<Words, 8> kWords{
    {{"en",
      "I'm not working properly right now, and I don't want to leave you with nothing.\nIn danger now: {emergency}. To "
      "talk to someone: {crisis}. I'm a program; please write again in a few minutes."},
     {"es",
      "No estoy funcionando bien, y no quiero dejarte sin nada.\nSi hay peligro ahora: {emergency}. Para hablar con "
      "alguien: {crisis}. Soy un programa; escribe de nuevo en unos minutos."},
     {"de",
      "Ich funktioniere gerade nicht richtig und will dich nicht mit nichts zurücklassen.\nBei Gefahr jetzt: "
      "{emergency}. Um mit jemandem zu reden: {crisis}. Ich bin ein Programm; schreib in ein paar Minuten wieder."},
     {"fr",
      "Je ne fonctionne pas bien en ce moment, et je ne veux pas te laisser sans rien.\nEn danger maintenant : "
      "{emergency}. Pour parler à quelqu'un : {crisis}. Je suis un programme ; écris à nouveau dans quelques minutes."},
     {"it",
      "Ora non funziono bene, e non voglio lasciarti senza niente.\nSe c'è pericolo ora: {emergency}. Per parlare con "
      "qualcuno: {crisis}. Sono un programma; scrivi di nuovo fra qualche minuto."},
     {"nl",
      "Ik werk nu niet goed, en ik wil je niet met niets achterlaten.\nNu in gevaar: {emergency}. Om met iemand te "
      "praten: {crisis}. Ik ben een programma; schrijf over een paar minuten opnieuw."},
     {"pl",
      "Teraz nie działam dobrze i nie chcę zostawić cię z niczym.\nGdy grozi niebezpieczeństwo: {emergency}. Żeby z "
      "kimś porozmawiać: {crisis}. Jestem programem; napisz znowu za kilka minut."},
     {"pt",
      "Não estou funcionando bem agora, e não quero deixar você sem nada.\nEm perigo agora: {emergency}. Para falar "
      "com "
      "alguém: {crisis}. Sou um programa; escreva de novo em alguns minutos."}}};

}  // namespace

Reply last_resort(std::string_view country, std::string_view language) {
  Line line{"", "", "112, 911 or 999", "findahelpline.com"};
  for (const auto& l : kLines)
    if (l.country == country) line = l;
  const Words* words = &kWords.front();
  for (const auto& w : kWords)
    if (language.starts_with(w.language)) words = &w;
  Reply reply;
  reply.urgent = true;
  reply.text = fill(words->text, [&](std::string_view name) {
    return std::string(name == "emergency" ? line.emergency : line.crisis);
  });
  return reply;
}

std::string phone_country(std::string_view phone) {
  std::string plain;
  for (char c : phone)
    if (c == '+' || (c >= '0' && c <= '9')) plain.push_back(c);
  const Line* best = nullptr;
  for (const auto& l : kLines)
    if (!l.prefix.empty() && plain.starts_with(l.prefix) && (best == nullptr || l.prefix.size() > best->prefix.size()))
      best = &l;
  return best == nullptr ? "" : std::string(best->country);
}

}  // namespace rules
