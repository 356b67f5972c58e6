// Suggestions below the search box, and "/" to reach it. Without this script it is a plain search input.
// Roles and keys: ARIA Authoring Practices, editable combobox with list autocomplete.
(() => {
  const form = document.querySelector(".box[data-suggest]");
  const box = form?.querySelector("input[type=search]");
  if (!box) return;
  const MAX_TYPED = 100; // What the endpoint takes.
  const PAUSE_MS = 100; // A choice: between two keys.
  const REST_MS = 5000; // After an error: Retry-After of web/errors.py.

  const set = (node, attributes) => {
    for (const name in attributes) node.setAttribute(name, attributes[name]);
    return node;
  };
  const create = (name, attributes) => set(document.createElement(name), attributes);
  const id = "suggestions";
  const list = create("ul", { id, class: id, role: "listbox", "aria-label": "찾을 말 제안", hidden: "" });
  const status = create("span", { class: "hidden", role: "status" });
  form.append(list, status);
  set(box, { role: "combobox", "aria-autocomplete": "list", "aria-controls": id, "aria-expanded": false });

  const answers = new Map();
  let active = -1; // What Enter takes: an option; -1 is the text in the box.
  let step = 0; // Where an arrow goes when it opens the list.
  let request; // Unanswered.
  let restUntil = 0;
  let timer;

  const typed = () => box.value.trim();
  // For an input method (229: Safari ends the syllable before the key) or for the browser.
  const isTaken = (event) => event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey;

  const activate = (index) => {
    active = index;
    [...list.children].forEach((item, at) => set(item, { "aria-selected": at === index }));
    const item = list.children[index];
    item?.scrollIntoView({ block: "nearest" });
    set(box, { "aria-activedescendant": item?.id ?? "" });
  };
  const option = (text, index) => {
    const letters = [...text];
    const own = [...typed()];
    const same = letters.findIndex((letter, at) => letter !== own[at]);
    const added = create("b");
    added.textContent = same > 0 ? letters.splice(same).join("") : "";
    const item = create("li", { id: `${id}-${index}`, role: "option" });
    item.append(letters.join(""), added);
    return item;
  };
  const show = (texts) => {
    list.replaceChildren(...texts.map(option));
    list.hidden = !texts.length;
    activate(-1);
    set(box, { "aria-expanded": !list.hidden });
    status.textContent = list.hidden ? "" : `제안 ${texts.length}개`;
    if (step && !list.hidden) move(step);
    step = 0;
  };
  const stop = () => {
    clearTimeout(timer);
    request?.abort();
    request = null;
  };
  const close = () => {
    stop();
    show([]);
  };
  const ask = async (text) => {
    const own = (request = new AbortController());
    let texts;
    try {
      const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(text)}`, { signal: own.signal });
      texts = (await answer.json()).suggestions.map((one) => one.text);
    } catch {} // The box works as well without.
    if (request !== own) return;
    request = null;
    if (texts) answers.set(text, texts);
    else restUntil = Date.now() + REST_MS;
    update();
  };
  // Shows what is known for the text, or asks. An answer on its way will call it again.
  const update = () => {
    const text = typed();
    if (answers.has(text)) show(answers.get(text));
    else if (!text || text.length > MAX_TYPED || Date.now() < restUntil) close();
    else if (!request) ask(text);
  };
  const move = (by) => {
    if (list.hidden) {
      step = by;
      return update();
    }
    stop(); // The list does not change under the hand.
    // The text in the box stands between the last option and the first.
    const places = list.children.length + 1;
    activate(((active + 1 + by + places) % places) - 1);
  };
  const choose = (item) => {
    box.value = item.textContent;
    form.requestSubmit();
  };

  box.onkeydown = (event) => {
    if (isTaken(event) || event.shiftKey) return;
    const key = (event.altKey ? "Alt" : "") + event.key;
    if (key === "ArrowDown") move(1);
    else if (key === "ArrowUp") move(-1);
    else if (key === "AltArrowDown" && list.hidden) update();
    else if (key === "Escape" && !list.hidden) close();
    else if (key === "Enter" && active >= 0) choose(list.children[active]);
    else {
      if (key === "Escape") close();
      if (/^(Home|End|Arrow.*)$/.test(key)) activate(-1);
      return;
    }
    event.preventDefault();
  };
  // Comes for each letter of a syllable.
  box.oninput = () => {
    activate(-1);
    step = 0;
    clearTimeout(timer);
    timer = setTimeout(update, PAUSE_MS);
  };
  box.onblur = form.onsubmit = close;
  list.onmousedown = (event) => event.preventDefault(); // The focus stays in the box.
  list.onclick = ({ target }) => {
    const item = target.closest("li");
    if (item) choose(item);
  };
  // A page that comes back as it was left has the box of its results.
  addEventListener("pageshow", ({ persisted }) => persisted && (box.value = box.defaultValue));

  // "/" can be switched off (WCAG 2.1.4); where nothing can be stored, for one page.
  let slash;
  const hasSlash = () => {
    try {
      slash = localStorage.slash ?? slash;
    } catch {}
    return slash !== "off";
  };
  addEventListener("keydown", (event) => {
    const at = event.composedPath()[0];
    if (event.key !== "/" || event.altKey || isTaken(event) || at.isContentEditable || !hasSlash()) return;
    if (at.matches?.("input:not([type=checkbox]), textarea, select")) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
  const checkbox = document.querySelector("#slash");
  if (!checkbox) return;
  document.querySelector("#shortcut").hidden = false;
  checkbox.checked = hasSlash();
  checkbox.onchange = () => {
    slash = checkbox.checked ? "on" : "off";
    try {
      localStorage.slash = slash;
    } catch {}
  };
})();
