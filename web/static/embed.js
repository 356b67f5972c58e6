// The archive's search box for any page, in a shadow root: no style leaks in or out (docs/embed.md).
(() => {
  const script = document.currentScript;
  if (!script?.src) return console.error("embed.js: type=module로는 쓸 수 없습니다.");
  const data = script.dataset;
  // Where the script is from: the archive may be under a path of its site.
  const archive = new URL(".", script.src).href.slice(0, -1);
  // The longest text to suggest for, and longer than a search takes that waits for five others.
  const TYPED_CHARS = 100, PATIENCE_MS = 15000;
  // Who waits longer is told so (Nielsen, Response Times).
  const SILENCE_MS = 1000;

  const list = (value = "") => value.split(value.includes("|") ? "|" : ",").map((one) => one.trim()).filter(Boolean);
  const chosen = [
    ...["outlet", "department", "reporter"].flatMap((name) => list(data[name]).map((value) => [name, value])),
    ...["from", "to", "attachment", "sort", "limit"].filter((name) => data[name]).map((name) => [name, data[name]]),
  ];

  // Texts of documents come in here, as text nodes only.
  const make = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    element.append(...children);
    return element;
  };
  const link = (path, parameters, ...children) => make("a", { href: `${archive}${path}?${parameters}` }, ...children);
  const button = (text, act) => {
    const made = make("button", { type: "button" }, text);
    made.addEventListener("click", act);
    return made;
  };
  // Ranges count code points, JavaScript's strings UTF-16.
  const marked = (text, ranges) => {
    const points = Array.from(text), parts = [];
    let at = 0;
    for (const [start, end] of ranges) {
      parts.push(points.slice(at, start).join(""), make("mark", {}, points.slice(start, end).join("")));
      at = end;
    }
    return [...parts, points.slice(at).join("")];
  };
  const number = (count) => count.toLocaleString("ko");
  const day = new Intl.DateTimeFormat("ko-KR", { timeZone: "Asia/Seoul", dateStyle: "medium" });

  // Raises the archive's problem, or an error without `status` where there is no answer.
  const fetchJSON = async (path, parameters, controller = new AbortController()) => {
    const timer = setTimeout(() => controller.abort(), PATIENCE_MS);
    try {
      const response = await fetch(`${archive}/api/v1/${path}?${parameters}`, { credentials: "omit", signal: controller.signal });
      if (response.ok) return await response.json();
      throw { ...(await response.json().catch(() => ({}))), status: response.status };
    } finally {
      clearTimeout(timer);
    }
  };

  const DARK = `--paper:#14171a;--ink:#e8e6e0;--soft:#a4a9ae;--rule:#30353a;--edge:#767d84;--link:#9bcfe6;--mark:#5c4a10;
--notice:#1d2628;color-scheme:dark`;
  const STYLE = `
:host{all:initial!important;display:block!important;direction:ltr!important}
.bodo{--paper:#fff;--ink:#1b1e22;--soft:#565c64;--rule:#dedbd1;--edge:#757870;--link:#0d4f6b;--mark:#ffe7a0;
--notice:#eef3f2;color-scheme:light;
padding:.75em;background:var(--paper);color:var(--ink);word-break:keep-all;overflow-wrap:anywhere;
font:medium/1.6 system-ui,sans-serif}
@media(prefers-color-scheme:dark){.bodo:not(.light){${DARK}}}
.bodo.dark{${DARK}}
*{box-sizing:border-box;margin:0;padding:0;list-style:none}
[hidden]{display:none!important}
a{color:var(--link);text-underline-offset:.2em}
mark{background:var(--mark);color:inherit}
:focus-visible{outline:3px solid var(--link);outline-offset:1px}
label{position:absolute;clip-path:inset(50%)}
form{position:relative;display:flex;max-width:40em}
input,button{height:2.75em;padding:0 1em;border:1px solid var(--edge);border-radius:6px;background:var(--paper);color:inherit;font:inherit}
input{flex:1;min-width:0;margin-right:.4em}
input::placeholder{color:var(--soft);opacity:1}
button{border-color:var(--link);background:var(--link);color:var(--paper);font-weight:600;cursor:pointer}
[role=listbox]{position:absolute;z-index:999;top:calc(100% + 4px);left:0;right:0;border:1px solid var(--edge);background:var(--paper)}
[role=option]{padding:.4em 1em;cursor:pointer}
[aria-selected=true],[role=option]:hover{background:var(--notice)}
[aria-selected=true]{outline:2px solid var(--link);outline-offset:-2px}
.said:not(:empty){margin-top:.75em;font-size:.9375em}
.notice{padding:.5em .9em;border-left:3px solid var(--link);background:var(--notice)}
.notice+.notice{margin-top:.4em}
.notice button{height:auto;padding:.2em;border:0;background:none;color:var(--link);text-decoration:underline}
[aria-busy=true]{opacity:.6}
li:not([role]){padding-block:.9em;border-bottom:1px solid var(--rule)}
li>a{font-size:1.0625em;font-weight:650}
.byline{display:flex;flex-wrap:wrap;gap:0 .85em;color:var(--soft);font-size:.875em}
.snippet{margin-top:.35em;font-size:.9375em}
small{color:var(--soft)}
.onward{display:flex;flex-wrap:wrap;align-items:center;gap:.5em 1.2em;margin-top:1em}
@media print{form,.onward{display:none}}`;
  const dress = (root) => {
    // A sheet made by a script passes every Content-Security-Policy (not in Safari before 16.4).
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } catch {
      root.prepend(make("style", {}, STYLE));
    }
  };

  const box = make("input", {
    id: "q", enterkeyhint: "search", placeholder: "찾을 낱말", required: "", maxlength: 2000,
    autocomplete: "off", spellcheck: "false",
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "list",
  });
  const options = make("ul", { id: "list", role: "listbox", "aria-label": "찾을 말 제안", hidden: "" });
  const name = data.label || ["보도자료", ...list(data.outlet)].join(" ");
  const label = make("label", { for: "q" }, "찾을 낱말");
  const form = make("form", { role: "search", "aria-label": name }, label, box, make("button", {}, "검색"), options);
  const status = make("p", { class: "said", role: "status", tabindex: -1 });
  const failure = make("div", { class: "said", role: "alert" });
  const notices = make("div", { class: "said" });
  const hits = make("ol", { role: "list", hidden: "" });
  const onward = make("p", { class: "onward", hidden: "" });

  // Suggestions: an editable combobox with a list (ARIA Authoring Practices Guide).
  let active = -1, wanted = false, waiting = false, answered = "";
  const typed = () => Array.from(box.value.trim()).slice(0, TYPED_CHARS).join("");
  const activate = (index) => {
    active = index;
    [...options.children].forEach((option, at) => option.setAttribute("aria-selected", at === index));
    if (index < 0) box.removeAttribute("aria-activedescendant");
    else box.setAttribute("aria-activedescendant", options.children[index].id);
  };
  const open = (yes) => {
    wanted = yes;
    options.hidden = !yes || !options.children.length;
    box.setAttribute("aria-expanded", !options.hidden);
    activate(-1);
  };
  // One request at a time: what is typed meanwhile is asked once the answer is here, too late to be shown.
  const suggest = async () => {
    if (waiting) return;
    waiting = true;
    while (wanted && typed() !== answered) {
      const asked = typed();
      // Without an answer the box works as well.
      const answer = asked && (await fetchJSON("suggest", new URLSearchParams({ q: asked })).catch(() => ""));
      if (asked !== typed()) continue;
      answered = asked;
      const texts = answer ? answer.suggestions : [];
      options.replaceChildren(...texts.map(({ text }, at) => make("li", { id: `option-${at}`, role: "option" }, text)));
      open(wanted);
    }
    waiting = false;
  };
  const move = (step) => {
    if (options.hidden) {
      open(true);
      if (typed() !== answered) return suggest();
    }
    // One place more than there are suggestions: the box itself.
    const places = options.children.length + 1;
    activate(((active + 1 + step + places) % places) - 1);
  };
  box.addEventListener("input", () => {
    if (typed() === answered) return open(true);
    wanted = true;
    activate(-1);
    suggest();
  });
  box.addEventListener("keydown", (event) => {
    // What an input method takes while a syllable is composed comes again once it is done (229: Safari).
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === "Escape" && !options.hidden) open(false);
    else if (event.key === "Enter" && active >= 0) choose(options.children[active]);
    else return;
    event.preventDefault();
  });
  box.addEventListener("blur", () => open(false));
  // The box keeps the focus.
  options.addEventListener("mousedown", (event) => event.preventDefault());
  options.addEventListener("click", (event) => event.target !== options && choose(event.target));
  const choose = (option) => {
    box.value = option.textContent;
    submit();
  };
  const submit = () => {
    open(false);
    const q = box.value.trim();
    if (q) search(q);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });

  // Results
  const entry = (hit, kept) => {
    const date = hit.published_at;
    const byline = [
      date ? make("time", { datetime: date }, day.format(new Date(date))) : "날짜 모름",
      ...[hit.outlet, hit.department, hit.attachments.length && `첨부 ${hit.attachments.length}`].filter(Boolean)
        .map((text) => make("span", {}, text)),
      // The address of a document may be javascript: or the like.
      ...(/^https?:/i.test(hit.source_url) ? [make("a", { href: hit.source_url }, "원문")] : []),
    ];
    const snippets = hit.snippets.map(({ text, ranges, file, page, table }) => {
      const place = [file, page && `${page}쪽`, table && `표 ${table}`].filter(Boolean).join(" · ");
      return make("p", { class: "snippet" }, ...(place ? [make("small", {}, place), " "] : []), ...marked(text, ranges));
    });
    const title = link(hit.url, kept, ...marked(hit.title, hit.title_ranges));
    return make("li", {}, title, make("p", { class: "byline" }, ...byline), ...snippets);
  };
  const notice = (...parts) => make("p", { class: "notice" }, ...parts);
  const readings = ({ raw, effective, corrected_from: typed, relaxed, notes }) => {
    const exactly = button("그대로 찾기", () => search(raw, { exact: 1 }));
    return [
      ...(typed ? [notice(`‘${typed}’에 맞는 보도자료가 없어 고쳐 찾았습니다: ${effective} `, exactly)] : []),
      ...(relaxed ? [notice("모든 낱말이 든 보도자료가 없어, 일부가 든 것을 보여 드립니다. ", exactly)] : []),
      ...notes.map((text) => notice(text)),
    ];
  };
  // The parameters that the archive's pages take of a search.
  const keep = (asked) => {
    const kept = new URLSearchParams(asked);
    ["limit", "highlight", "cursor"].forEach((name) => kept.delete(name));
    return kept;
  };
  const onArchive = (asked) => link("/search", keep(asked), "보도자료 검색에서 보기");
  const show = (answer, asked, q, extra) => {
    const { query, total, next } = answer;
    const kept = keep(asked);
    const all = onArchive(asked);
    // The page of a release marks what was found, not what was typed.
    if (query.corrected_from) kept.set("found", query.effective);
    const entries = answer.hits.map((hit) => entry(hit, kept));
    if (asked.has("cursor")) {
      hits.append(...entries);
      // By keyboard one goes on at the first that is new.
      entries[0]?.firstChild.focus({ preventScroll: true });
    } else {
      hits.replaceChildren(...entries);
      notices.replaceChildren(...readings(query));
    }
    const count = hits.children.length;
    hits.hidden = !count;
    status.textContent = count
      ? `${answer.timed_out ? "적어도 " : "모두 "}${number(total)}건 가운데 ${number(count)}건`
      : "맞는 보도자료를 찾지 못했습니다. 낱말을 줄이거나 다른 낱말로 찾아보세요.";
    const more = next ? [button("더 보기", () => search(q, { ...extra, cursor: next }))] : [];
    onward.replaceChildren(...more, all);
    onward.hidden = false;
  };
  const fail = ({ status: code, detail, hint }, asked, q, extra) => {
    const unsaid = code ? `답을 받지 못했습니다(${code}).` : "보도자료 검색에 닿지 못했습니다. 인터넷 연결을 확인하세요.";
    const said = [detail || unsaid, hint].filter(Boolean).join(" ");
    // Of a page that is gone the first is asked for (410), of a wrong request nothing more (400).
    const { cursor, ...first } = extra;
    const again = code === 400 ? "" : button("다시 찾기", () => search(q, code === 410 ? first : extra));
    failure.replaceChildren(notice(said, " ", again, " ", onArchive(asked)));
    status.textContent = "";
  };
  let current;
  const search = (q, extra = {}) => {
    const asked = new URLSearchParams([["q", q], ...chosen, ["highlight", "ranges"], ...Object.entries(extra)]);
    // The key that ends a syllable may submit twice.
    if (current?.key === `${asked}`) return;
    current?.controller.abort();
    const mine = (current = { key: `${asked}`, controller: new AbortController() });
    const timer = setTimeout(() => (status.textContent = "찾는 중입니다…"), SILENCE_MS);
    hits.setAttribute("aria-busy", "true");
    // The button that was pressed goes away with its notice.
    if (root.activeElement?.closest(".notice")) status.focus();
    failure.replaceChildren();
    const settle = (finish) => {
      clearTimeout(timer);
      if (mine !== current) return;
      current = null;
      hits.removeAttribute("aria-busy");
      finish();
    };
    fetchJSON("search", asked, mine.controller).then(
      (answer) => settle(() => show(answer, asked, q, extra)),
      (problem) => settle(() => fail(problem, asked, q, extra)),
    );
  };

  const host = make("div");
  const root = host.attachShadow({ mode: "open" });
  root.append(make("div", { class: `bodo ${data.scheme || ""}`, lang: "ko" }, form, status, failure, notices, hits, onward));
  dress(root);
  // The page sees keys as pressed on the host, and would take letters for its short cuts.
  for (const kind of ["keydown", "keypress", "keyup"]) form.addEventListener(kind, (event) => event.stopPropagation());
  const enter = () => {
    const target = data.target && document.querySelector(data.target);
    if (target) target.append(host);
    else if (!data.target) script.after(host);
    else console.error(`embed.js: data-target에 맞는 요소가 없습니다: ${data.target}`);
  };
  // Without `defer` the target may stand further down.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", enter);
  else enter();
})();
