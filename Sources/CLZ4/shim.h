/* lz4's own headers, as Debian's liblz4-dev installs them: the only door to lz4 in this package. */
#include <lz4.h>
#include <lz4frame.h>
