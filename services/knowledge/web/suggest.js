// Completes what is being typed in the search field. The page works without it.
"use strict";
const field = document.querySelector("form.search input[list]");
const list = field && document.getElementById(field.getAttribute("list"));
const known = new Map();
let timer = 0;

function show(texts) {
  list.replaceChildren(...texts.map((text) => {
    const option = document.createElement("option");
    option.value = text;
    return option;
  }));
}

async function suggest(typed) {
  if (!known.has(typed)) {
    const reply = await fetch(field.dataset.suggest + "?q=" + encodeURIComponent(typed));
    if (!reply.ok) return;
    known.set(typed, (await reply.json()).suggestions);
  }
  if (field.value.trim() === typed) show(known.get(typed));
}

if (list) {
  field.addEventListener("input", () => {
    clearTimeout(timer);
    const typed = field.value.trim();
    if (typed.length > 0 && typed.length <= 100) {
      timer = setTimeout(() => suggest(typed).catch(() => {}), 120);
    } else {
      show([]);
    }
  });
}
