/* zstd's own header, as Debian's libzstd-dev installs it: the only door to zstd in this package. */
#include <zstd.h>
