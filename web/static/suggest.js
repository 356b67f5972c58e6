// What a visitor may be about to type, below the search box. Without this script the box works as well.
(() => {
  const box = document.querySelector("#q");
  if (!box || !box.form.dataset.suggest) return;
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("aria-label", "찾을 말 제안");
  box.form.append(list);
  let asked = 0;
  let timer;

  const close = () => {
    asked += 1;
    list.hidden = true;
  };
  const show = (suggestions) => {
    list.replaceChildren(...suggestions.map(({ text }) => {
      const link = document.createElement("a");
      // Filters and order stay, as they do when the box is used.
      const asked = new URLSearchParams(new FormData(box.form));
      asked.set("q", text);
      link.href = `${box.form.action}?${asked}`;
      link.textContent = text;
      const item = document.createElement("li");
      item.append(link);
      return item;
    }));
    list.hidden = !suggestions.length;
  };
  const ask = async () => {
    const number = (asked += 1);
    const typed = box.value.trim().slice(0, 100);
    if (!typed) return close();
    try {
      const answer = await fetch(`${box.form.dataset.suggest}?${new URLSearchParams({ q: typed })}`);
      const found = answer.ok ? (await answer.json()).suggestions : [];
      // An answer to what has been typed over is late.
      if (number === asked) show(found);
    } catch {
      close();
    }
  };

  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 80);
  });
  box.form.addEventListener("keydown", (event) => {
    // A key that an input method takes while a syllable is composed comes again once it is done (229: Safari).
    if (list.hidden || event.isComposing || event.keyCode === 229) return;
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "Escape") {
      close();
      box.focus();
    } else if (event.key === "ArrowDown") {
      links[Math.min(at + 1, links.length - 1)].focus();
    } else if (event.key === "ArrowUp") {
      (at > 0 ? links[at - 1] : box).focus();
    } else {
      return;
    }
    event.preventDefault();
  });
  box.form.addEventListener("focusout", (event) => {
    if (!box.form.contains(event.relatedTarget)) close();
  });
  box.form.addEventListener("submit", () => clearTimeout(timer));
})();
