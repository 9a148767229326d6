// Owns the waiting for the first picture of a stream that is not shown yet.

/** By then the stream is shown as it is. */
const patienceMs = 4000;

/** Resolves once a picture of the stream could be shown, or after a few seconds. */
export async function firstPicture(media: MediaStream): Promise<void> {
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  await new Promise<void>((resolve) => {
    const late = setTimeout(resolve, patienceMs);
    video.onloadeddata = () => {
      clearTimeout(late);
      resolve();
    };
    video.srcObject = media;
    video.play().catch(() => undefined);
  });
  video.srcObject = null;
}
