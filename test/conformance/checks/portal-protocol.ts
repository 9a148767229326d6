// Owns the acceptance checks of the client protocol (Socket.IO portal), in their numbered order from 1.

export const portalProtocol: readonly string[] = [
  'Engine.IO 3 and 4, long polling and websocket',
  'every login acknowledgement carries a ticket',
  'errors are acknowledged as texts',
  'the transport id is the first session id, and stays',
  '`progress` is keyed by transport id and names the session',
  'one full answer an offer: candidates inside, one msid a subscription',
  'forgives an `a=` prefix, repeated candidates, a stray `soac`, ending twice',
  'both orders of `ready` work',
  '`media.tracks` and the four lists of options are always there',
  '`text` to all reaches its sender too',
  'relogin is acknowledged with a text; missed messages follow',
  '`drop` comes before any forced disconnect',
  'sixty seconds of grace for every kind of SDK',
  'unpublish, unsubscribe and update need no SDP; their m-lines go inactive later',
  'an unknown or used token is answered, not ignored',
];
