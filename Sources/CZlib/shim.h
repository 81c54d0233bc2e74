/* zlib's own header, as Debian's zlib1g-dev installs it: the only door to zlib in this package. */
#include <zlib.h>
