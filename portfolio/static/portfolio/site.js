// Progressive enhancement: the chat answers in place, forms say that they are at work. Everything works without it.

const chat = document.querySelector("form[data-chat]");

if (chat) {
  const log = document.getElementById("log");
  const field = chat.elements.question;

  chat.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(field.value.trim());
  });

  document.getElementById("asks").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    ask(link.textContent);
  });

  async function ask(question) {
    if (!question || chat.ariaBusy === "true") return;
    chat.ariaBusy = "true";
    field.value = "";
    say("question", question);
    const answer = say("answer waiting", "…");
    try {
      await show(answer, question, await send(question));
    } catch {
      refuse(answer, question, "The site cannot be reached. Please try again.");
    }
    chat.ariaBusy = "false";
    log.scrollTop = log.scrollHeight;
  }

  function send(question) {
    const project = chat.elements.project.value || null;
    return fetch(chat.dataset.chat, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ question, project }),
    });
  }

  async function show(answer, question, response) {
    const body = await response.json();
    if (!response.ok) return refuse(answer, question, body.error.message);
    answer.className = body.is_answered ? "answer" : "answer unknown";
    answer.firstChild.textContent = body.answer;
    const link = document.createElement("a");
    link.href = body.source.url;
    link.textContent = body.source.title;
    answer.append(link);
  }

  function refuse(answer, question, message) {
    answer.className = "answer unknown";
    answer.firstChild.textContent = message;
    field.value = question;
  }

  function say(kind, text) {
    const item = document.createElement("li");
    const paragraph = document.createElement("p");
    item.className = kind;
    paragraph.textContent = text;
    item.append(paragraph);
    log.append(item);
    log.scrollTop = log.scrollHeight;
    return item;
  }

  log.scrollTop = log.scrollHeight;
}

for (const form of document.querySelectorAll("form[data-pending]")) {
  const button = form.querySelector("button");
  const label = button.textContent;
  form.addEventListener("submit", () => {
    button.textContent = form.dataset.pending;
    button.disabled = true;
  });
  // Coming back with the browser's back button shows the page as it was left.
  addEventListener("pageshow", () => {
    button.textContent = label;
    button.disabled = false;
  });
}
