// Finds elements by role and accessible name, as a screen reader would: arguments are role, name, whether the name may be a part,
// and the selector of what they have to be inside of, or null.
// What is hidden from people or from screen readers is passed over. Names follow the usual order: labelledby, label, content, title.
const [role, name, part, within] = arguments;
const tidy = (text) => text.replace(/[\u2066-\u2069\u200e\u200f]/g, '').replace(/\s+/g, ' ').trim();
const BY_INPUT = {
  checkbox: 'checkbox', radio: 'radio', range: 'slider', search: 'searchbox', number: 'spinbutton', button: 'button',
  submit: 'button', reset: 'button', image: 'button', hidden: '', file: '',
};
const BY_TAG = {
  article: 'article', aside: 'complementary', button: 'button', datalist: 'listbox', details: 'group', dd: 'definition',
  dialog: 'dialog', dt: 'term', fieldset: 'group', figure: 'figure', footer: 'contentinfo', form: 'form', h1: 'heading',
  h2: 'heading', h3: 'heading', h4: 'heading', h5: 'heading', h6: 'heading', header: 'banner', hr: 'separator', img: 'img',
  li: 'listitem', main: 'main', menu: 'list', meter: 'meter', nav: 'navigation', ol: 'list', option: 'option',
  output: 'status', p: 'paragraph', progress: 'progressbar', section: 'region', summary: 'button', table: 'table',
  tbody: 'rowgroup', td: 'cell', textarea: 'textbox', th: 'columnheader', thead: 'rowgroup', tr: 'row', ul: 'list',
};
const NAMED_BY_CONTENT = new Set([
  'button', 'cell', 'checkbox', 'columnheader', 'gridcell', 'heading', 'link', 'menuitem', 'menuitemcheckbox', 'menuitemradio',
  'option', 'radio', 'row', 'rowheader', 'switch', 'tab', 'tooltip', 'treeitem',
]);
const NAMELESS_TOO = new Set(['alert', 'status', 'listitem', 'paragraph', 'log', 'note']);
const roleOf = (element) => {
  const given = element.getAttribute('role');
  if (given) return given.trim().split(/\s+/)[0];
  const tag = element.localName;
  if (tag === 'input') return BY_INPUT[element.type] ?? (element.list ? 'combobox' : 'textbox');
  if (tag === 'a' || tag === 'area') return element.hasAttribute('href') ? 'link' : '';
  if (tag === 'select') return element.multiple || element.size > 1 ? 'listbox' : 'combobox';
  return BY_TAG[tag] ?? '';
};
const content = (node) => {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.nodeType !== Node.ELEMENT_NODE || node.getAttribute('aria-hidden') === 'true' || node.hidden) return '';
  const label = node.getAttribute('aria-label');
  if (label) return ` ${label} `;
  if (node.localName === 'img') return node.alt;
  if (getComputedStyle(node).display === 'none') return '';
  const inner = [...node.childNodes].map(content).join('');
  return getComputedStyle(node).display.startsWith('inline') ? inner : ` ${inner} `;
};
const nameOf = (element, itsRole) => {
  const by = (element.getAttribute('aria-labelledby') ?? '').split(/\s+/).map((id) => document.getElementById(id)).filter(Boolean);
  if (by.length) return tidy(by.map((one) => one.getAttribute('aria-label') ?? content(one)).join(' '));
  const label = element.getAttribute('aria-label');
  if (label) return tidy(label);
  if (element.labels?.length) return tidy([...element.labels].map(content).join(' '));
  if (element.alt) return tidy(element.alt);
  if (element.localName === 'fieldset') return tidy(element.querySelector('legend')?.textContent ?? '');
  if (NAMED_BY_CONTENT.has(itsRole) || NAMELESS_TOO.has(itsRole)) {
    const text = tidy(content(element));
    if (text) return text;
  }
  return tidy(element.title || element.placeholder || '');
};
const seen = (element) =>
  !element.closest('[aria-hidden="true"], [inert]') && element.checkVisibility({ visibilityProperty: true, opacityProperty: false });
const fits = (text) => name === null || (part ? text.includes(name) : text === name);
return [...document.querySelectorAll('*')].filter((element) => {
  const itsRole = roleOf(element);
  return itsRole === role && (!within || element.closest(within)) && seen(element) && fits(nameOf(element, itsRole));
});
