// Speaks to /api. A refusal becomes an Error with the words of the server.

export async function getJson(path) {
  return answered(await fetch(path));
}

export async function getText(path) {
  const answer = await fetch(path);
  return answer.ok ? answer.text() : answered(answer);
}

export async function postJson(path, value) {
  const headers = { 'Content-Type': 'application/json' };
  return answered(await fetch(path, { method: 'POST', headers, body: JSON.stringify(value) }));
}

export async function remove(path) {
  const answer = await fetch(path, { method: 'DELETE' });
  if (!answer.ok) await answered(answer);
}

async function answered(answer) {
  const value = await answer.json().catch(() => ({ error: `${answer.status} ${answer.statusText}` }));
  if (!answer.ok) throw Object.assign(new Error(value.error), { status: answer.status });
  return value;
}
