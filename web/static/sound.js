// Louder, for a far end that is quiet: gain, and a limiter so that the near end does not hurt.
const GAIN = 5;
let parts = null;

export function louder(audio, on) {
  if (!parts && !on) return; // an untouched element plays on when the telephone is locked
  if (!parts) {
    const context = new AudioContext();
    const source = context.createMediaElementSource(audio);
    const gain = new GainNode(context);
    const limiter = new DynamicsCompressorNode(context, { threshold: -8, knee: 0, ratio: 20, attack: 0.003, release: 0.2 });
    source.connect(gain).connect(limiter);
    parts = { context, gain, limiter };
  }
  const { context, gain, limiter } = parts;
  context.resume();
  gain.disconnect();
  limiter.disconnect();
  gain.gain.value = on ? GAIN : 1;
  if (on) gain.connect(limiter).connect(context.destination);
  else gain.connect(context.destination);
}
