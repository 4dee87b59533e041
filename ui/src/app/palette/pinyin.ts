/** How the palette's entries are read, a syllable a word, by the id of the entry. */
export const READ: Readonly<Record<string, string>> = {
  "page.desk": "chu li tai",
  "page.orders": "ding dan",
  "page.cases": "gong dan",
  "page.board": "kan ban",
  "page.incidents": "jian ce",
  "page.diagnosis": "ji ya zhen duan",
  "page.campaigns": "qing li zhan yi",
  "page.report": "ri bao",
  "page.screen": "da ping",
  "page.imports": "dao ru",
  "page.customers": "ming dan",
  "page.mappings": "ying she",
  "page.pushes": "tui song",
  "page.warehouses": "cang ku",
  "page.payments": "dui zhang",
  "page.policy": "shen dan ce lue",
  "page.people": "ban zu",
  "page.alerts": "ti xing",
  "page.sops": "liu cheng yu hua shu",
  "queue.mine": "wo de",
  "queue.team": "ben zu dai chu li",
  "queue.asks": "dai que ren bian hua",
  "queue.urgent": "jin ji dan",
  "queue.regular": "chang gui dan",
  "queue.exception": "yi chang dan",
  "queue.address": "di zhi wen ti",
  "queue.payment": "zhi fu wen ti",
  "queue.overdue": "yi chao shi",
  "queue.escalated": "yi sheng ji",
  "queue.back": "gua qi yi hui",
  "queue.parked": "gua qi zhong",
  "queue.snoozed": "shao hou chu li",
  "queue.leased": "chu li zhong",
  "queue.all": "quan bu",
  "queue.unassigned": "wei fen pai",
  "view.mine": "wo de gong dan",
  "view.approvals": "deng wo shen pi",
  "view.late": "chao shi gong dan",
  "do.claim": "ling xia yi pi",
  "do.import": "dao ru ding dan",
  "do.macros": "dong zuo bao",
  "do.messages": "hua shu",
  "do.causes": "yuan yin",
  "do.language": "qie huan yu yan",
  "do.theme": "qie huan shen qian se",
  "do.logout": "tui chu deng lu",
};

/** Whether letters spell the syllables from one of them on: in full, by their initials, or mixed. */
export function spells(letters: string, syllables: readonly string[]): boolean {
  const from = (rest: string, at: number): boolean => {
    if (rest === "") return true;
    const syllable = syllables[at];
    if (syllable === undefined) return false;
    for (let length = Math.min(syllable.length, rest.length); length > 0; length -= 1) {
      if (rest.startsWith(syllable.slice(0, length)) && from(rest.slice(length), at + 1)) return true;
    }
    return false;
  };
  return syllables.some((_, at) => from(letters, at));
}

/** How well what was typed fits an entry; 0 not at all. */
export function rate(typed: string, texts: readonly string[], read = ""): number {
  const wanted = typed.trim().toLowerCase();
  if (wanted === "") return 1;
  for (const text of texts) if (text.toLowerCase().startsWith(wanted)) return 4;
  for (const text of texts) if (text.toLowerCase().includes(wanted)) return 3;
  const letters = wanted.replaceAll(/[\s']/g, "");
  const syllables = read.split(" ").filter(Boolean);
  if (!/^[a-z]+$/.test(letters) || syllables.length === 0) return 0;
  return spells(letters, syllables.slice(0, 1)) || spells(letters, syllables) ? 2 : 0;
}
