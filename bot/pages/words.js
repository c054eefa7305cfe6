// The page's own words in other languages than the English of index.html. What Steady says comes from its packs, in the person's language.
"use strict";

const WORDS = {
  es: {
    "A program, not a person. No log of this chat is kept.": "Un programa, no una persona. No se guarda registro de este chat.",
    "Help lines": "Líneas de ayuda",
    "My things": "Lo mío",
    "Leave fast": "Salir rápido",
    "This browser keeps no chat inside other pages.": "Este navegador no guarda ningún chat dentro de otras páginas.",
    "Open it in its own window": "Abrirlo en su propia ventana",
    "Or press Escape three times": "O pulsa Escape tres veces",
    "Steady can't be reached right now. What you write is sent when it is back. These people can be reached now:": "Ahora no se puede llegar a Steady. Lo que escribas se envía cuando vuelva. A estas personas sí se llega ahora:",
    "In danger now:": "En peligro ahora:",
    "or": "o",
    "United States, Canada: call or text": "Estados Unidos, Canadá: llama o escribe al",
    "United Kingdom, Ireland: Samaritans": "Reino Unido, Irlanda: Samaritans",
    "Australia: Lifeline": "Australia: Lifeline",
    ". New Zealand: call or text": ". Nueva Zelanda: llama o escribe al",
    "India:": "India:",
    ". Spain:": ". España:",
    ". France:": ". Francia:",
    ". Germany:": ". Alemania:",
    "Everywhere else:": "En otros lugares:",
    "Back to the chat": "Volver al chat",
    "Menu": "Menú",
    "My months": "Mis meses",
    "My plan": "Mi plan",
    "What do you know about me": "Qué sabes de mí",
    "Forget me": "Olvídame",
    "What is this": "Qué es esto",
    "Another name on this page": "Otro nombre en esta página",
    "“Leave fast”, or Escape three times, empties this page and opens another one in its place. What you wrote before stays in the chat.": "«Salir rápido», o Escape tres veces, vacía esta página y abre otra en su lugar. Lo que escribiste antes sigue en el chat.",
    "Tell this device when you look in and the page is closed. The maker of the browser carries the call; no word is in it.": "Avisar a este dispositivo cuando te asomes y la página esté cerrada. El fabricante del navegador lleva el aviso; no va ninguna palabra.",
    "What it does in a crisis": "Qué hace en una crisis",
    "Conversation": "Conversación",
    "Messages": "Mensajes",
    "Answers to tap": "Respuestas para tocar",
    "Write a message": "Escribir un mensaje",
    "Your message": "Tu mensaje",
    "Write, or tap an answer": "Escribe, o toca",
    "Send": "Enviar",
    "You:": "Tú:",
    "Notes": "Notas",
  },
};

const pageLanguage = Object.keys(WORDS).find((l) => navigator.language.toLowerCase().startsWith(l)) ?? "en";
const t = (text) => WORDS[pageLanguage]?.[text] ?? text;

function translatePage() {
  if (pageLanguage === "en") return;
  document.documentElement.lang = pageLanguage;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.data, plain = text.trim();
    if (plain) texts.currentNode.data = text.replace(plain, t(plain));
  }
  for (const attribute of ["aria-label", "placeholder", "title"])
    for (const element of document.querySelectorAll(`[${attribute}]`)) element.setAttribute(attribute, t(element.getAttribute(attribute)));
}
