// Admission: how many scripts run at once, and how many requests wait for a place (`limits.running`, `limits.waiting`).
// First come, first served. A request whose client has gone gives up its place in the queue, and a script that waits
// for a slow client lends its place: otherwise as many slow clients as there are places would hold all others up.

/** A place among the running scripts; `leave` gives it to the next in the queue, once. */
export interface Place {
  leave(): void;
  /** Lends the place while the script waits for its client; it then counts among the waiting, if there is room. */
  lend(): void;
  /** Takes it back at once, even where more scripts than `limits.running` then run for a while. */
  takeBack(): void;
}

export type AdmissionOutcome =
  | { readonly kind: 'admitted'; readonly place: Place }
  | { readonly kind: 'full' }
  | { readonly kind: 'gone' };

export interface Admission {
  /** Waits for a place; "full" at once where the queue is full, "gone" when the signal fires first. */
  enter(clientGone: AbortSignal): Promise<AdmissionOutcome>;
  /** Takes new limits; scripts that run already keep their places. */
  setLimits(limits: AdmissionLimits): void;
}

export interface AdmissionLimits {
  readonly running: number;
  readonly waiting: number;
}

export function createAdmission(initial: AdmissionLimits): Admission {
  let limits = initial;
  let running = 0;
  let lent = 0;
  const queue: ((outcome: AdmissionOutcome) => void)[] = [];

  function takePlace(): Place {
    running += 1;
    let state: 'taken' | 'lent' | 'left' = 'taken';
    const become = (next: typeof state): void => {
      if (state === 'left' || state === next) return;
      running += Number(next === 'taken') - Number(state === 'taken');
      lent += Number(next === 'lent') - Number(state === 'lent');
      state = next;
      admitWaiting();
    };
    return {
      leave: () => become('left'),
      lend: () => {
        // Whoever is in the queue takes the place: as many wait as before.
        if (queue.length > 0 || lent < limits.waiting) become('lent');
      },
      takeBack: () => become('taken'),
    };
  }

  function admitWaiting(): void {
    while (running < limits.running) {
      const next = queue.shift();
      if (next === undefined) return;
      next({ kind: 'admitted', place: takePlace() });
    }
  }

  function wait(clientGone: AbortSignal): Promise<AdmissionOutcome> {
    return new Promise((resolve) => {
      const onGone = () => {
        queue.splice(queue.indexOf(settle), 1);
        resolve({ kind: 'gone' });
      };
      const settle = (outcome: AdmissionOutcome) => {
        clientGone.removeEventListener('abort', onGone);
        resolve(outcome);
      };
      queue.push(settle);
      clientGone.addEventListener('abort', onGone, { once: true });
    });
  }

  return {
    async enter(clientGone) {
      if (clientGone.aborted) return { kind: 'gone' };
      if (running < limits.running) return { kind: 'admitted', place: takePlace() };
      if (queue.length + lent >= limits.waiting) return { kind: 'full' };
      return wait(clientGone);
    },
    setLimits(next) {
      limits = next;
      admitWaiting();
    },
  };
}
