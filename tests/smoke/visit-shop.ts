// A visitor of tests/fixtures/session-site, as a browser would do it: logs in, looks around, orders, and once is refused.

export async function visitShop(url: string): Promise<void> {
  const shop = `${url}/cgi-bin/shop.pl`;
  const login = await fetch(shop);
  const headers = { Cookie: login.headers.get('set-cookie')?.split(';')[0] ?? '' };
  const token = /name="token" value="([^"]+)"/.exec(await login.text())?.[1]?.replace('&quot;', '"') ?? '';
  const body = new URLSearchParams({ op: 'enter', token, user: 'alice' });
  const entered = await fetch(shop, { method: 'POST', headers, body, redirect: 'manual' });
  const place = entered.headers.get('location') ?? '';
  const menu = await (await fetch(place, { headers })).text();
  await (await fetch(`${place}&part=a`, { headers })).text();
  const [, sid] = /name="sid" value="(\w+)"/.exec(menu) ?? [];
  const number = /name="order" value="(\w+)"/.exec(menu)?.[1];
  // The page in between gave a newer number to the session.
  const order = String(Number(number) + 1);
  await (await fetch(`${shop}?op=order&sid=${sid}&order=${order}`, { headers })).text();
  await (await fetch(`${shop}?op=order&sid=none&order=${order}`, { headers })).text();
}
