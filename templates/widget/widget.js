// The contact form on an agency's web page. Served as /widget/KEY.js without indentation and lines of comment; README says
// how to embed it. Everything stands in a shadow root: the page's styles do not reach in, ours do not reach out. No markup
// is ever made from text, no style attribute is written, so strict content security policies of the page are kept.
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || !script.src) return;
  const key = new URL(script.src).pathname.split("/").pop().replace(/\.js$/, "");
  const api = new URL("../public/v1/widget/" + key, script.src).href;

  // What the form says. Nobody is addressed, so that it fits agencies that say Sie and those that say du.
  const TEXTS = {
    de: {
      title: "Anfrage an {}", salutation: "Anrede", none: "keine Angabe", ms: "Frau", mr: "Herr", diverse: "Divers",
      first: "Vorname", last: "Nachname", email: "E-Mail", phone: "Telefon", message: "Nachricht", optional: "freiwillig",
      privacy: "Datenschutzerklärung", newTab: "neuer Tab", send: "Anfrage senden", sending: "Wird gesendet …",
      missing: "Diese Angabe fehlt.", address: "Das ist keine gültige E-Mail-Adresse. Beispiel: name@example.org",
      agree: "Ohne dieses Einverständnis kann die Anfrage nicht gesendet werden.",
      fields: "Einige Angaben fehlen oder stimmen nicht. Bitte die markierten Felder prüfen.",
      failed: "Die Anfrage konnte nicht gesendet werden. Die Angaben stehen noch hier: bitte in einer Minute noch einmal senden.",
      done: "Die Anfrage ist angekommen", answer: "Die Antwort kommt per E-Mail an {}."
    },
    en: {
      title: "Enquiry to {}", salutation: "Salutation", none: "not stated", ms: "Ms", mr: "Mr", diverse: "Mx",
      first: "First name", last: "Last name", email: "E-mail", phone: "Telephone", message: "Message", optional: "optional",
      privacy: "Privacy notice", newTab: "new tab", send: "Send enquiry", sending: "Sending …",
      missing: "Please fill in this field.", address: "This is not a valid e-mail address. Example: name@example.org",
      agree: "The enquiry cannot be sent without this consent.",
      fields: "Some details are missing or not valid. Please check the marked fields.",
      failed: "The enquiry could not be sent. What was written is still here: please send it again in a minute.",
      done: "The enquiry has arrived", answer: "The answer will come by e-mail to {}."
    },
    fr: {
      title: "Demande à {}", salutation: "Civilité", none: "sans indication", ms: "Madame", mr: "Monsieur", diverse: "Autre",
      first: "Prénom", last: "Nom", email: "E-mail", phone: "Téléphone", message: "Message", optional: "facultatif",
      privacy: "Protection des données", newTab: "nouvel onglet", send: "Envoyer la demande", sending: "Envoi en cours …",
      missing: "Veuillez remplir ce champ.", address: "Cette adresse e-mail n’est pas valable. Exemple : nom@example.org",
      agree: "Sans cet accord, la demande ne peut pas être envoyée.",
      fields: "Certaines informations manquent ou sont incorrectes. Veuillez vérifier les champs signalés.",
      failed: "La demande n’a pas pu être envoyée. Le texte est toujours là : veuillez réessayer dans une minute.",
      done: "La demande est arrivée", answer: "La réponse arrivera par e-mail à {}."
    },
    it: {
      title: "Richiesta a {}", salutation: "Titolo", none: "non indicato", ms: "Signora", mr: "Signor", diverse: "Altro",
      first: "Nome", last: "Cognome", email: "E-mail", phone: "Telefono", message: "Messaggio", optional: "facoltativo",
      privacy: "Informativa sulla privacy", newTab: "nuova scheda", send: "Invia richiesta", sending: "Invio in corso …",
      missing: "Si prega di compilare questo campo.", address: "Questo indirizzo e-mail non è valido. Esempio: nome@example.org",
      agree: "Senza questo consenso la richiesta non può essere inviata.",
      fields: "Alcuni dati mancano o non sono validi. Si prega di controllare i campi evidenziati.",
      failed: "Non è stato possibile inviare la richiesta. Il testo è ancora qui: si prega di riprovare tra un minuto.",
      done: "La richiesta è arrivata", answer: "La risposta arriverà via e-mail a {}."
    }
  };

  // The tag says it, else the page, else the browser.
  const said = script.closest("[lang]") || document.documentElement;
  const wishes = [script.dataset.language, said.lang, ...(navigator.languages || [])];
  const language = wishes.map((wish) => (wish || "").slice(0, 2).toLowerCase()).find((code) => TEXTS[code]) || "de";
  const text = TEXTS[language];

  const STYLE = `
    :host { all: initial; display: block; }
    * { box-sizing: border-box; }
    .box { font: 400 16px/1.5 system-ui, sans-serif; color: #1b1f24; background: #fff;
      border: 1px solid #c9ced6; border-top: 4px solid var(--main); border-radius: 6px; padding: 20px; max-width: 640px;
      text-align: left; overflow-wrap: anywhere; }
    .title { font-size: 20px; font-weight: 600; line-height: 1.3; margin: 0 0 16px; }
    form { display: flex; flex-wrap: wrap; gap: 14px 16px; }
    .field { flex: 1 1 200px; min-width: 0; }
    .wide { flex-basis: 100%; }
    label { display: block; font-weight: 600; }
    .optional { font-weight: 400; color: #57606a; }
    input, select, textarea { font: inherit; color: inherit; background: #fff; width: 100%; min-height: 44px; padding: 8px 10px;
      margin: 4px 0 0; border: 1px solid #6e7781; border-radius: 4px; }
    textarea { min-height: 120px; resize: vertical; }
    [aria-invalid="true"] { border: 2px solid #b3261e; }
    .error { color: #b3261e; margin: 4px 0 0; }
    .agree { display: flex; gap: 10px; align-items: flex-start; }
    .agree input { flex: none; width: 24px; height: 24px; min-height: 0; margin: 0; accent-color: var(--main); }
    .agree label { font-weight: 400; }
    a { color: var(--main); text-decoration: underline; }
    button { font: inherit; font-weight: 600; color: #fff; background: var(--main); border: 2px solid transparent; border-radius: 4px;
      min-height: 44px; padding: 8px 20px; }
    :focus-visible { outline: 3px solid var(--main); outline-offset: 2px; }
    .notice { border-left: 4px solid #b3261e; padding: 4px 12px; margin: 0; }
    :empty:is(.error, .notice) { display: none; }
    .notice strong { display: block; }
    .done p { margin: 0; }
    .away, .trap { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  `;

  const el = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  // SHA-256 of one block, because browsers lend theirs to https pages only and to nobody synchronously. The constants are
  // fractions of the square and cube roots of the first primes (FIPS 180-4).
  const w = new Int32Array(64);
  const K = new Int32Array(64);
  const H = [];
  for (let number = 2, count = 0; count < 64; number++) {
    let divisor = 2;
    while (number % divisor) divisor++;
    if (divisor < number) continue;
    if (count < 8) H.push((Math.sqrt(number) % 1) * 2 ** 32 | 0);
    K[count++] = (Math.cbrt(number) % 1) * 2 ** 32 | 0;
  }
  // The first 32 bits of the hash of the first six words of w.
  const hash = () => {
    w.fill(0, 6, 16);
    w[6] = -2147483648;
    w[15] = 192;
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15];
      const y = w[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = H;
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    return (a + H[0]) >>> 0;
  };
  const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
  // The work, in slices so short that nobody notices them while typing.
  const solve = async (challenge) => {
    const hex = challenge.id.replace(/-/g, "");
    const most = 2 ** (32 - challenge.bits);
    const found = [];
    for (let part = 0; part < challenge.parts; part++) {
      for (let number = 0, end = performance.now() + 10; ; number++) {
        for (let i = 0; i < 4; i++) w[i] = parseInt(hex.slice(i * 8, i * 8 + 8), 16) | 0;
        w[4] = part;
        w[5] = number;
        if (hash() < most) { found.push(number); break; }
        if (number % 256 === 255 && performance.now() > end) { await pause(0); end = performance.now() + 10; }
      }
    }
    return found;
  };

  const ask = async (path, body) => {
    const ended = new AbortController();
    const timer = setTimeout(() => ended.abort(), 30000);
    try {
      const post = body && { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
      const response = await fetch(api + path, { signal: ended.signal, credentials: "omit", ...post });
      return { status: response.status, ok: response.ok, data: await response.json() };
    } finally {
      clearTimeout(timer);
    }
  };

  // The work begins when somebody begins to fill in the form, and is done long before they have.
  let work = null;
  const worked = () => {
    work = work || (async () => {
      const { ok, data } = await ask("/challenge");
      if (!ok) throw new Error("no challenge");
      const ready = performance.now() + data.waitSeconds * 1000 + 500;
      const solution = await solve(data);
      return { challenge: data.challenge, solution, ready };
    })();
    work.catch(() => { work = null; });
    return work;
  };

  const fields = {};
  const field = (name, label, input, needed) => {
    const id = "f-" + name;
    const error = el("p", { class: "error", id: id + "-error" });
    input.id = id;
    input.name = name;
    if (needed) input.required = true;
    const caption = el("label", { for: id }, label);
    if (!needed) caption.append(" ", el("span", { class: "optional" }, "(" + text.optional + ")"));
    fields[name] = { input, error };
    return el("div", { class: "field" }, caption, input, error);
  };
  // The message stands in the page before it is pointed at, so that screen readers find it.
  const mark = (name, message) => {
    const { input, error } = fields[name];
    error.textContent = message || "";
    if (message) {
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", error.id);
    } else {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    }
  };

  const build = (view) => {
    const input = (type, autocomplete, most) => el("input", { type, autocomplete, maxlength: most });
    const options = [["", text.none], ["MS", text.ms], ["MR", text.mr], ["DIVERSE", text.diverse]];
    const select = el("select", {}, ...options.map(([value, label]) => el("option", { value }, label)));
    const message = el("textarea", { rows: 5, maxlength: 5000 });
    const agree = el("input", { type: "checkbox", id: "f-consent", name: "consent" });
    agree.required = true;
    const agreeError = el("p", { class: "error", id: "f-consent-error" });
    const agreement = el("label", { for: "f-consent" });
    const notice = el("span", {});
    const trap = el("input", { type: "text", name: "website", tabindex: -1, autocomplete: "off" });
    const problem = el("p", { class: "notice wide", role: "alert" });
    const progress = el("p", { class: "away", role: "status" });
    const button = el("button", { type: "submit" }, text.send);
    const form = el("form", { "aria-labelledby": "title", novalidate: "" },
      field("salutation", text.salutation, select),
      field("firstName", text.first, input("text", "given-name", 200)),
      field("lastName", text.last, input("text", "family-name", 200), true),
      field("email", text.email, input("email", "email", 200), true),
      field("phone", text.phone, input("tel", "tel", 200)),
      field("message", text.message, message, true),
      el("div", { class: "field wide" }, el("div", { class: "agree" }, agree, el("div", {}, agreement, notice)), agreeError),
      el("div", { class: "trap", "aria-hidden": "true" }, el("label", {}, "Website", trap)),
      problem,
      el("div", { class: "wide" }, button, progress));
    fields.consent = { input: agree, error: agreeError };
    for (const whole of [message, select]) whole.parentNode.classList.add("wide");
    const box = el("div", { class: "box" }, el("p", { class: "title", id: "title" }, text.title.replace("{}", view.agencyName)), form);

    let consent;
    const show = (from) => {
      consent = from.consents.find((one) => one.language === language);
      agreement.textContent = consent.text;
      notice.textContent = "";
      if (!consent.privacyUrl) return;
      const link = el("a", { href: consent.privacyUrl, target: "_blank", rel: "noopener noreferrer" }, text.privacy);
      link.append(el("span", { class: "away" }, " (" + text.newTab + ")"));
      notice.append(link);
    };
    show(view);

    const tell = (title, detail) => {
      problem.textContent = "";
      if (title) problem.append(el("strong", {}, title));
      if (detail) problem.append(detail);
    };
    const wrong = (errors) => {
      for (const name of Object.keys(fields)) mark(name, errors[name]);
      const first = Object.keys(fields).find((name) => errors[name]);
      if (first) fields[first].input.focus();
      return Boolean(first);
    };
    const lookAt = () => {
      const errors = {};
      for (const name of ["lastName", "email", "message"]) if (!fields[name].input.value.trim()) errors[name] = text.missing;
      if (!errors.email && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(fields.email.input.value.trim())) errors.email = text.address;
      if (!agree.checked) errors.consent = text.agree;
      return errors;
    };
    const filled = () => {
      const body = { language, consent: consent.id, page: location.origin + location.pathname, website: trap.value };
      if (script.dataset.property) body.property = script.dataset.property;
      for (const name of ["salutation", "firstName", "lastName", "email", "phone", "message"]) {
        if (fields[name].input.value.trim()) body[name] = fields[name].input.value;
      }
      return body;
    };

    const send = async (isLast) => {
      const { challenge, solution, ready } = await worked();
      await pause(Math.max(0, ready - performance.now()));
      const { status, data } = await ask("/leads", { challenge, solution, ...filled() });
      const kind = String(data.type).split(":").pop();
      if (status === 201) {
        const done = el("div", { class: "done", tabindex: -1, role: "status" }, el("p", { class: "title" }, text.done),
          el("p", {}, text.answer.replace("{}", fields.email.input.value.trim())));
        box.replaceChildren(done);
        done.focus();
        return;
      }
      if (kind === "challenge-needed") {
        work = null;
        if (!isLast) return send(true);
      }
      if (kind === "consent-changed") {
        show((await ask("")).data);
        agree.checked = false;
        agree.focus();
      }
      // Whoever filled in the field that nobody sees: a browser that means well, perhaps. The second try passes.
      if (kind === "looks-automated") trap.value = "";
      const errors = {};
      for (const error of data.errors || []) if (fields[error.field]) errors[error.field] = error.message;
      wrong(errors);
      tell(data.title || text.failed, data.detail);
    };

    let busy = false;
    form.addEventListener("focusin", () => { worked().catch(() => {}); }, { once: true });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (busy) return;
      tell();
      if (wrong(lookAt())) return tell(text.fields);
      busy = true;
      button.setAttribute("aria-disabled", "true");
      button.textContent = progress.textContent = text.sending;
      try {
        await send(false);
      } catch {
        tell(text.failed);
      } finally {
        busy = false;
        button.removeAttribute("aria-disabled");
        button.textContent = text.send;
        progress.textContent = "";
      }
    });
    return box;
  };

  const start = async () => {
    const { ok, data } = await ask("");
    if (!ok) throw new Error(data.detail);
    const host = el("div", { lang: language });
    const root = host.attachShadow({ mode: "open" });
    const style = STYLE + ".box { --main: " + (/^#[0-9a-f]{6}$/.test(data.branding.primaryColor) ? data.branding.primaryColor : "#1f4e79") + "; }";
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(style);
      root.adoptedStyleSheets = [sheet];
    } catch {
      root.append(el("style", {}, style));
    }
    root.append(build(data));
    // Where the tag stands; one in the head has no place of its own.
    if (document.body && document.body.contains(script)) script.after(host);
    else document.body.append(host);
  };
  const begin = () => start().catch((error) => console.warn("Immivo widget: " + error.message));
  if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin);
})();
