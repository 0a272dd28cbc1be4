// The search: reads the index that the build wrote, and finds. `gongbu.search.find(text, {limit})` is a
// promise of results; how they are shown is in search-box.js. Both are loaded at first use.
(function (search) {
  "use strict";

  // ── Text, by the rules of src/hangul and src/output/search/words.rs (tests/search/vectors.json) ──

  const FIRST = [..."ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"];
  const VOWELS = "ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅗㅏ ㅗㅐ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅔ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ".split(" ");
  const LAST = " ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ".split(" ");
  const HEARD_FIRST = "KKNTTLMPPSS SSSKTPH";
  const HEARD_LAST = " KKKNNNTLKMPLTPLMPPTTNTTKTPT";
  const SINGLE = { ㄲ: "ㄱ", ㄸ: "ㄷ", ㅃ: "ㅂ", ㅆ: "ㅅ", ㅉ: "ㅈ" };
  const ENDINGS = /^(..+?)(?:[했됐합됩입]니다|했습니다|됐습니다|에서[는도]?|으로[는도]?|에게서?|까지|부터|처럼|[하되에]는|[을를은는])$/;
  // What may follow a noun: the table of src/hangul, and the endings of 하다 and 되다.
  const PARTICLE = "은|는|이|가|을|를|의|에게?서?|께서?|한테서?|이?랑|와|과|하고|으?로[서써]?|으?로부터|까지|부터|만|도|뿐|마다|마저|조차|이?나|이?란|이?라[는고도서면며]?|이?라는데|이?든지|처럼|같[이은]|보다|밖에|대로|만큼|커녕|이?다|입니다|이?[며고면요]|이?지만|이?므로|이?예요|이에요|이?었|였|인데?|엔|에선|으?론|일|인지|이기|습니다|죠|네요";
  const VERB = "하[는다기며면여지게]|해|해서|했다|합니다|했습니다|한다?|할|함|되[는다며면어]|돼|됩니다|된다?|될|됨|적인?|시[키킨]?";
  const TAIL = new RegExp(`^[등들안내]?(?:${PARTICLE}|${VERB}){0,3}$`);
  const HANGUL = "ᄀ-ᇿ㄰-㆏ꥠ-꥿가-힣ힰ-퟿";
  const RUNS = new RegExp(`[${HANGUL}]+|(?:(?![${HANGUL}])[\\p{Alphabetic}\\p{N}\\p{M}])+`, "gu");
  const isHangul = (word) => word >= "ᄀ" && new RegExp(`^[${HANGUL}]`).test(word);
  const isSyllable = (c) => c >= "가" && c <= "힣";

  const normal = (text) => text.normalize("NFC").replace(/[\u00ad\u200b-\u200f\u2060\ufe0f\ufeff]/g, "");
  const words = (text) => (normal(text).match(RUNS) || []).map((word) => word.toLowerCase());
  const squeeze = (text) => words(text).join("");
  const stem = (word) => word.replace(ENDINGS, "$1");

  const parts = (c) => {
    const at = c.charCodeAt() - 0xac00;
    return [(at / 588) | 0, ((at / 28) | 0) % 21, at % 28];
  };
  // The strokes in which a word is typed: 람 is ㄹㅏㅁ, 과 is ㄱㅗㅏ.
  const jamo = (word) => word.replace(/[가-힣]/g, (c) => {
    const [first, vowel, last] = parts(c);
    return FIRST[first] + VOWELS[vowel] + LAST[last];
  });

  const key = (word) => word.replace(/[a-z]+|[ㅏ-ㅣ]|[가-힣ㄱ-ㅎ]/g, (part) => {
    if (part >= "ㅏ" && part <= "ㅣ") return "";
    if (part < "ㄱ") return heardLatin(part);
    const first = isSyllable(part) ? FIRST[parts(part)[0]] : part;
    return SINGLE[first] || first;
  });

  function sound(word) {
    if (!isHangul(word)) return heardLatin(word);
    let heard = "", last = "";
    const push = (c) => {
      if (c !== " ") heard += c === last ? "" : c, (last = c);
    };
    for (const c of word) {
      if (!isSyllable(c)) continue;
      const [first, vowel, final] = parts(c);
      push(HEARD_FIRST[first]);
      if (vowel !== 18) last = "";
      push(HEARD_LAST[final]);
    }
    return heard;
  }

  const HEARD = [
    [/^[cs]h|^tch|^ti(?=[oa])|^[cg](?=[eiy])|^[jsz]/, "S"], [/^ph|^[bfpv]/, "P"], [/^gh/, " "],
    [/^th|^[dt]/, "T"], [/^mb(?![aeiouy])|^m/, "M"], [/^lk|^[cgkq]/, "K"], [/^r(?![aeiouy])/, " "],
    [/^[lr]/, "L"], [/^n/, "N"], [/^x/, "KS"], [/^h/, "H"],
  ];
  function heardLatin(word) {
    let heard = "", last = "", rest = word;
    while (rest) {
      const found = HEARD.find(([sign]) => sign.test(rest));
      if (!found) last = "";
      for (const c of found ? found[1] : "") {
        if (c === " ") continue;
        if (c !== last) heard += c;
        last = c;
      }
      const length = found ? found[0].exec(rest)[0].length : 1;
      rest = rest.slice(length);
    }
    return heard;
  }

  // A word by its sounds with the vowels between, to tell words of equal consonants apart.
  function speak(word) {
    if (!isHangul(word)) return word.replace(/(?<=[^aeiouy])e$/, "").replace(/[aeiouy]+|[^aeiouy]+/g, (part) => (isVowel(part) ? part.replace(/y/g, "i") : heardLatin(part)));
    return word.replace(/[가-힣]/g, (c) => {
      const [first, vowel, last] = parts(c);
      return (HEARD_FIRST[first] + "aeaeoeoeoaeiouoeiu ii"[vowel] + HEARD_LAST[last]).replace(/ /g, "");
    }).replace(/([A-Z])\1/g, "$1");
  }

  // The keys of a Korean keyboard, in the order of the Latin letters on them.
  const KEYS = "abcdefghijklmnopqrstuvwxyzQWERTOP";
  const TYPED = [..."ㅁㅠㅊㅇㄷㄹㅎㅗㅑㅓㅏㅣㅡㅜㅐㅔㅂㄱㄴㅅㅕㅍㅈㅌㅛㅋㅃㅉㄸㄲㅆㅒㅖ"];
  // What the same keys would have written in the other layout.
  function typed(text) {
    if (/[ㄱ-힣]/.test(text)) {
      return [...jamo(text)].map((c) => (TYPED.includes(c) ? KEYS[TYPED.indexOf(c)] : c)).join("").toLowerCase();
    }
    const strokes = [...text].map((c) => TYPED[KEYS.indexOf(c)] || TYPED[KEYS.indexOf(c.toLowerCase())] || c).join("");
    return compose(strokes);
  }
  function compose(strokes) {
    const vowel = "(ㅗㅏ|ㅗㅐ|ㅗㅣ|ㅜㅓ|ㅜㅔ|ㅜㅣ|ㅡㅣ|[ㅏ-ㅣ])";
    const last = "(?:(ㄱㅅ|ㄴㅈ|ㄴㅎ|ㄹ[ㄱㅁㅂㅅㅌㅍㅎ]|ㅂㅅ|[ㄱㄲㄴㄷㄹㅁㅂㅅㅆㅇㅈㅊㅋㅌㅍㅎ])(?![ㅏ-ㅣ]))?";
    return strokes.replace(new RegExp(`([ㄱ-ㅎ])${vowel}(?:(ㄱ(?=ㅅ[ㅏ-ㅣ])|ㄴ(?=[ㅈㅎ][ㅏ-ㅣ])|ㄹ(?=[ㄱㅁㅂㅅㅌㅍㅎ][ㅏ-ㅣ])|ㅂ(?=ㅅ[ㅏ-ㅣ]))|${last})`, "g"),
      (all, first, middle, before, final) => {
        const at = FIRST.indexOf(first) * 588 + VOWELS.indexOf(middle) * 28 + LAST.indexOf(before || final || "");
        return String.fromCharCode(0xac00 + at);
      });
  }

  // ── The index: scripts that hand over what they hold ──

  const files = new Map();
  search.add = (value) => { document.currentScript.value = value; };
  function load(path) {
    if (!files.has(path)) {
      files.set(path, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = search.root + path;
        script.onload = () => { script.remove(); resolve(script.value); };
        script.onerror = () => { script.remove(); files.delete(path); reject(new Error(path)); };
        document.head.append(script);
      }));
    }
    return files.get(path);
  }
  // What cannot be loaded is left out, and told by `failed`.
  const tried = (path, failed) => load(path).catch(() => { failed.add(path); });

  let small;
  const index = () => small || (small = load("search-index.js").then(open, (error) => { small = null; throw error; }));
  function open(it) {
    it.keys = it.keys.split("|");
    it.chunks = it.chunks.split(" ");
    it.pages = it.pages.split(" ");
    it.common = it.common.split(" ");
    it.say = Object.fromEntries(it.say);
    it.words = it.chunks.map(() => null);
    it.prior = new Map();
    it.services = new Set();
    it.named = [];
    it.others = new Map();
    const alike = (names) => {
      const all = names.map(squeeze);
      all.forEach((word) => it.others.set(word, all.filter((other) => other !== word).concat(it.others.get(word) || [])));
    };
    for (const [names, ...docs] of it.names) {
      for (const [doc, , mentions] of docs) if (mentions) it.prior.set(doc, mentions);
      // The last is its own.
      it.services.add(docs[docs.length - 1][0]);
      for (const name of names) it.named.push({ word: squeeze(name), name, docs });
      alike(names);
    }
    for (const pair of it.pairs) alike(pair.split("="));
    return it;
  }

  // The words of a chunk.
  async function chunk(it, at, failed) {
    if (!it.words[at]) {
      const text = await tried(`assets/words.${it.chunks[at]}.js`, failed);
      if (text === undefined) return [];
      it.words[at] = text.split("|").map((line) => {
        const [word, text, many] = line.split(" ");
        return { word, text, many };
      });
    }
    return it.words[at];
  }

  const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
  // The documents of a word, each with how much it weighs there.
  function docs(entry) {
    if (!entry.docs) {
      entry.docs = [];
      let doc = 0, number = 0, shift = 0;
      for (const c of entry.text) {
        const digit = DIGITS.indexOf(c);
        number |= (digit & 31) << shift;
        shift += 5;
        if (digit < 32) {
          doc += number >> 4;
          entry.docs.push([doc, number & 15]);
          number = shift = 0;
        }
      }
      entry.text = "";
    }
    return entry.docs;
  }

  // The chunks in which words of a key may stand; of many the first.
  function range(it, prefix, most) {
    let at = it.keys.findIndex((from) => from >= prefix);
    if (at < 0) at = it.keys.length;
    // The words of one key may begin in the chunk before.
    at = Math.max(0, at - 1);
    const found = [];
    for (; at < it.keys.length && found.length < most; at++) {
      if (found.length && it.keys[at] > prefix && !it.keys[at].startsWith(prefix)) break;
      found.push(at);
    }
    return found;
  }

  // ── Likeness of words ──

  const GROUPS = ["ㄱㄲㅋ", "ㄷㄸㅌ", "ㅂㅃㅍ", "ㅅㅆ", "ㅈㅉㅊ", "ㅐㅔ", "ㅓㅗ", "ㅡㅜ", "ㅣㅟ", "ckq", "sz", "fp", "bv", "iye", "ao", "ou"];
  const isVowel = (c) => /[aeiouyㅏ-ㅣ]/.test(c);
  function swap(a, b) {
    if (GROUPS.some((group) => group.includes(a) && group.includes(b))) return 0.4;
    return isVowel(a) && isVowel(b) ? 0.6 : 1;
  }
  // How many slips lie between two words: Damerau's distance with cheap swaps, up to a limit.
  function slips(a, b, limit) {
    if (Math.abs(a.length - b.length) > limit * 1.5) return Infinity;
    let before = [], last = [], now = [0];
    for (let j = 1; j <= b.length; j++) now[j] = now[j - 1] + gap(b, j - 1);
    for (let i = 1; i <= a.length; i++) {
      [before, last, now] = [last, now, [now[0] + gap(a, i - 1)]];
      let least = now[0];
      for (let j = 1; j <= b.length; j++) {
        let cost = a[i - 1] === b[j - 1] ? last[j - 1] : last[j - 1] + swap(a[i - 1], b[j - 1]);
        cost = Math.min(cost, last[j] + gap(a, i - 1), now[j - 1] + gap(b, j - 1));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2] + 0.8);
        least = Math.min(least, (now[j] = cost));
      }
      if (least > limit) return Infinity;
    }
    return now[b.length];
  }
  const gap = (word, at) => (word[at] === word[at - 1] ? 0.5 : isVowel(word[at]) ? 0.75 : 1);

  // A word of the query with all that is asked of it again and again.
  function ask(word) {
    const hangul = isHangul(word);
    const it = { word, hangul, jamo: jamo(word), key: key(word), bare: [] };
    it.initials = /^[ㄱ-ㅎ]{2,}$/.test(word) && it.key;
    if (hangul) {
      for (let end = word.length - 1; end >= 2; end--) {
        if (TAIL.test(word.slice(end))) it.bare.push(word.slice(0, end));
      }
    }
    // Korean borrows a plural as it is heard: 콘텐츠 is content.
    const forms = [word, ...it.bare].flatMap((form) => (/.츠$/.test(form) ? [form, form.slice(0, -1) + "트"] : form));
    it.sounds = forms.map((form) => [sound(form), speak(form)]);
    return it;
  }

  // How like a word of the notes is to one of the query, from 0 to 1; below 0 if it is another word that
  // is written or sounds nearly the same.
  function likeness(ask, entry) {
    const word = entry.word;
    if (word === ask.word) return 1;
    if (ask.initials) {
      if (!isHangul(word)) return 0;
      const own = entry.key || (entry.key = key(word));
      return own === ask.key ? 0.9 : own.startsWith(ask.key) ? 0.45 + 0.3 * ask.key.length / own.length : 0;
    }
    const hangul = entry.hangul === undefined ? (entry.hangul = isHangul(word)) : entry.hangul;
    if (hangul !== ask.hangul) return -Math.max(...ask.sounds.map((form) => heardLikeness(form, entry)));
    if (ask.bare.includes(word)) return 0.97;
    const strokes = entry.jamo || (entry.jamo = jamo(word));
    if (strokes.startsWith(ask.jamo)) {
      const rest = word.slice(ask.word.length);
      if (hangul && word.startsWith(ask.word) && ask.word.length > 1 && TAIL.test(rest)) return 0.97;
      return 0.6 + 0.3 * ask.jamo.length / strokes.length;
    }
    if (word.length > ask.word.length && word.endsWith(ask.word) && ask.jamo.length >= 4) return 0.5;
    const length = ask.jamo.length;
    const limit = length < 4 ? 0.4 : length < 6 ? 1 : length * 0.24;
    const many = slips(ask.jamo, strokes, limit);
    return many <= limit ? 1.2 * many / length - 0.9 : 0;
  }
  function heardLikeness([asked, spoken], entry) {
    if (asked.length < 2) return 0;
    const heard = entry.heard === undefined ? (entry.heard = sound(entry.word)) : entry.heard;
    if (heard === asked) {
      const own = entry.spoken || (entry.spoken = speak(entry.word));
      return (heard.length > 2 ? 0.93 : 0.83) - 1.1 * slips(spoken, own, 9) / Math.max(own.length, spoken.length);
    }
    if (heard.length < 3 || asked.length < 3) return 0;
    if (heard.startsWith(asked)) return 0.4 + 0.3 * asked.length / heard.length;
    const many = slips(asked, heard, 1);
    return many <= 1 && asked.length > 3 ? 0.75 - many / heard.length : 0;
  }

  // ── Finding ──

  const MAX_QUERY = 200, MAX_WORDS = 10;
  // A word of the notes that is at least so like says that the query was understood.
  const SURE = 0.8;
  // A site with so few chunks is read whole when a word is not found otherwise.
  const FEW = 8;

  // The words of the notes that are like a word, with how much: from where they stand in the index.
  async function near(it, word, failed, all) {
    const asked = ask(word);
    const keys = new Set([asked.key, ...asked.bare.map(key)]);
    if (asked.hangul && !asked.initials) {
      asked.sounds.forEach(([heard]) => keys.add(heard));
      // 벜 is the beginning of 버킷.
      keys.add(key(asked.jamo.replace(/[ㅏ-ㅣ]/g, "")));
    }
    if (!asked.hangul) keys.add(key(word.slice(0, -1)));
    const wanted = new Set();
    if (all) it.chunks.forEach((_, at) => wanted.add(at));
    else for (const one of keys) if (one) range(it, one, one === asked.key ? 3 : 1).forEach((at) => wanted.add(at));
    const lists = await Promise.all([...wanted].map((at) => chunk(it, at, failed)));
    let sure = [];
    const loose = [];
    for (const list of [it.named, ...lists]) {
      for (const entry of list) {
        const like = likeness(asked, entry);
        if (like > 0.3) sure.push([like, entry]);
        else if (like < -0.3) loose.push([-like, entry]);
      }
    }
    // What the notes say as it was asked is meant; beside it only a name that sounds like it.
    const exact = sure.some(([like]) => like > 0.95);
    sure = sure.concat(exact ? less(loose.filter(([like, entry]) => entry.name && like >= 0.75), 1) : loose);
    return sure.sort((a, b) => b[0] - a[0]).slice(0, 60);
  }
  const best = (found) => (found.length ? found[0][0] : 0);
  const less = (found, factor) => found.map(([like, entry]) => [like * factor, entry]);

  // A word of the notes, as it is written.
  async function exactly(it, word, failed) {
    const lists = await Promise.all(range(it, key(word), 2).map((at) => chunk(it, at, failed)));
    return lists.flat().find((entry) => entry.word === word);
  }

  // What else something that was named is called: who asks for 람다 finds first what bears that name, and
  // then what the notes say of Lambda.
  const OTHER = 0.75, MAX_OTHERS = 3;
  async function others(it, found, failed) {
    const known = new Set(found.filter(([, entry]) => !entry.name).map(([, entry]) => entry.word));
    const names = found.filter(([like]) => like >= 0.95).flatMap(([, entry]) => it.others.get(entry.word) || []);
    const short = [...new Set(names)].filter((word) => !known.has(word)).sort((a, b) => a.length - b.length).slice(0, MAX_OTHERS);
    const entries = await Promise.all(short.map((word) => exactly(it, word, failed)));
    return found.concat(entries.filter(Boolean).map((entry) => [OTHER, entry, true]));
  }

  // A long word of which the notes know the parts: 웹서버구축 is 웹서버 구축.
  async function cut(it, word, failed) {
    for (let at = word.length - 2; at >= 2; at--) {
      const parts = await Promise.all([word.slice(0, at), word.slice(at)].map((part) => exactly(it, part, failed)));
      if (parts.every(Boolean)) return parts.map((entry) => entry.word);
    }
  }

  // All that a word of the query may mean.
  async function meanings(it, word, raw, failed) {
    let found = await near(it, word, failed);
    const merge = (more) => { found = found.concat(more).sort((a, b) => b[0] - a[0]); };
    // One syllable may be a whole name on the wrong layout: 단 is eks.
    const short = /^[ㄱ-ㅎ]+$|^[가-힣]$/.test(word);
    if (best(found) < SURE || short) {
      const other = squeeze(typed(raw));
      if (other && other !== word) {
        const more = await near(it, other, failed);
        if (best(more) >= (short ? 0.97 : 0.7)) merge(less(more, 0.98));
      }
    }
    if (best(found) < SURE && it.chunks.length <= FEW) found = await near(it, word, failed, true).then((all) => { merge(all); return found; });
    // What was begun in Korean may be the name of something: 람ㄷ is 람다, which sounds like Lambda.
    const bridges = [];
    for (const [like, entry] of found.slice(0, 3)) {
      if (!isHangul(entry.word) || like < 0.6 || entry.word === word) continue;
      const form = [sound(entry.word), speak(entry.word)];
      for (const named of it.named) {
        if (!isHangul(named.word) && heardLikeness(form, named) > 0.88) bridges.push([like, named]);
      }
    }
    merge(bridges);
    return others(it, found, failed);
  }

  // What each document gains from one word, and how rare it is.
  function gains(it, found) {
    const gain = new Map();
    const top = best(found);
    // Those in which the words are; of a word that stands nearly everywhere the index names some only.
    const seen = new Set();
    let more = 0;
    for (const [like, entry] of found) {
      if (like >= top * 0.92 && entry.many) more += entry.many - docs(entry).length;
      for (const [doc, level] of docs(entry)) {
        if (like >= top * 0.92) seen.add(doc);
        // A name that only sounds or looks alike is no better than a word that does.
        const worth = like ** 3 * 2 ** ((like < 0.74 ? Math.min(level, 6) : level) / 2.5);
        if (worth > (gain.get(doc) || 0)) gain.set(doc, worth);
      }
    }
    const count = Math.min(it.docs, seen.size + more);
    return { gain, rare: Math.log(1 + (it.docs - count + 0.5) / (count + 0.5)), top };
  }

  async function rank(it, text, failed) {
    const query = [];
    for (const raw of normal(text).slice(0, MAX_QUERY).split(/\s+/)) {
      // Lone vowels, and jamo beside digits or letters, are no Korean: another layout was meant.
      const odd = /[ㅏ-ㅣ]|[ㄱ-ㅎ][0-9a-z]|[0-9a-z][ㄱ-ㅎ]/i.test(raw);
      const list = words(odd ? typed(raw) : raw);
      for (const word of list) query.push([word, list.length > 1 ? word : raw]);
    }
    query.splice(MAX_WORDS);
    const joined = [];
    for (let at = 1; at < query.length; at++) joined.push(query[at - 1][0] + query[at][0]);
    if (query.length > 2) {
      joined.push(query.map((it) => it[0]).join(""));
      // Virtual Private Cloud is VPC.
      const big = query.filter(([word]) => !/^(a|and|as|for|in|of|on|the|to|with)$/.test(word));
      if (big.length > 2 && big.every(([word]) => /^[a-z]/.test(word))) joined.push(big.map(([word]) => word[0]).join(""));
    }
    const own = await Promise.all(query.map(([word, raw]) => meanings(it, word, raw, failed)));
    for (let at = query.length - 1; at >= 0; at--) {
      const [word] = query[at];
      if (!/^[가-힣]{4,}$/.test(word) || best(own[at]) >= SURE) continue;
      const parts = await cut(it, word, failed);
      if (!parts) continue;
      query.splice(at, 1, ...parts.map((part) => [part, part]));
      own.splice(at, 1, ...(await Promise.all(parts.map((part) => meanings(it, part, part, failed)))));
    }
    const extra = await Promise.all(joined.map((word) => near(it, word, failed).then((found) => others(it, found, failed))));
    const scores = new Map();
    const all = own.map((found) => gains(it, found));
    const total = all.reduce((sum, word) => sum + word.rare, 0) || 1;
    for (const { gain, rare } of all) {
      for (const [doc, worth] of gain) {
        const score = scores.get(doc) || { sum: 0, has: 0 };
        score.sum += worth * rare;
        score.has += rare;
        scores.set(doc, score);
      }
    }
    // Of words that say little by themselves, what they say together counts more.
    const say = query.every(([word]) => /^[ㄱ-ㅎ]+$|^[가-힣]$/.test(word)) ? 3 : 1;
    extra.forEach((found) => {
      found = found.filter(([like, entry, other]) => other || like >= (entry.name ? 0.65 : 0.8));
      const { gain, rare } = gains(it, found);
      for (const [doc, worth] of gain) {
        const score = scores.get(doc) || { sum: 0, has: 0 };
        score.sum += worth * rare * say;
        score.has = Math.max(score.has, total * 0.8);
        scores.set(doc, score);
      }
    });
    const list = [];
    for (const [doc, { sum, has }] of scores) {
      const prior = 1 + 0.15 * Math.log(1 + (it.prior.get(doc) || 0));
      list.push([doc, sum * Math.min(1, has / total) ** 1.5 * prior]);
    }
    // Of equals a service comes first, then what is read first.
    const isService = ([doc]) => it.services.has(doc);
    list.sort((a, b) => b[1] - a[1] || isService(b) - isService(a) || a[0] - b[0]);
    return { list, own, query };
  }

  // Where a document is, and what it is called.
  async function page(it, doc, failed) {
    const text = await tried(`assets/pages.${it.pages[doc >> 5]}.js`, failed);
    if (text === undefined) return null;
    const [title, url, kind, section, file, place] = text.split("\n")[doc & 31].split("\t");
    return { title, url, kind, section: it.sections[section] || "", file, place: +place };
  }

  search.find = async (text, options) => {
    const failed = new Set();
    const it = await index();
    const limit = (options && options.limit) || 7;
    text = String(text).slice(0, MAX_QUERY);
    const { list, own, query } = await rank(it, text, failed);
    const asked = new Set(query.map(([word]) => word));
    for (const found of own) for (const [like, entry] of found.slice(0, 4)) if (like > 0.6) asked.add(entry.word);
    const pages = await Promise.all(list.slice(0, limit).map(([doc]) => page(it, doc, failed)));
    const shown = pages.filter((page) => page && page.url);
    const all = await Promise.all(shown.map(async (page) => {
      const texts = page.file && (await tried(`assets/text.${page.file}.js`, failed));
      return search.shown(page, texts, [...asked], squeeze(text));
    }));
    const results = all.flat().slice(0, limit);
    results.failed = failed.size > 0;
    results.marked = (text) => search.marked(text, [...asked]);
    // What was taken for something else than was typed.
    const meant = own.map((found, at) => {
      const [like, entry] = found[0] || [1, {}];
      const other = like < 0.95 || entry.word && isHangul(entry.word) !== isHangul(query[at][0]);
      return other && entry.word && !jamo(entry.word).startsWith(jamo(query[at][0])) ? entry.name || entry.word : query[at][0];
    });
    if (query.some(([word], at) => meant[at] !== word)) results.meant = meant.join(" ");
    return results;
  };
  search.words = async () => (await index()).say;
  search.text = { words, squeeze, stem, key, sound, jamo, typed };
})(gongbu.search);
