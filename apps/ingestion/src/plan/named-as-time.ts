/** A column's last word where it is a time. */
const timeWords = /^(date|datetime|time|timestamp|day|dt|datum|fecha)$/i;
/** A count or a share a day is none. */
const perWords = /^(per|a|each|every|by|of)$/i;
/** Two last words that say it too, the first of what was done: `created_at`, `shipped_on`, but not `amount_spent_on`. */
const whenDone =
  /^(added|bought|changed|clicked|closed|created|deleted|ended|inserted|joined|logged|modified|opened|ordered|paid|placed|posted|published|received|registered|seen|sent|served|shipped|shown|signed|started|updated|viewed) (at|on)$/i;

/** Whether a column's name says that it holds times: `order_date`, `createdAt`. */
export function isNamedAsTime(name: string): boolean {
  const words = name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').split(/[^A-Za-z]+/);
  const [before = '', last = ''] = words.length > 1 ? words.slice(-2) : ['', ...words];
  return (timeWords.test(last) && !perWords.test(before)) || whenDone.test(`${before} ${last}`);
}
