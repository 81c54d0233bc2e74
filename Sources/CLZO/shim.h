/* lzo's own header, as Debian's liblzo2-dev installs it: the only door to lzo in this package. */
#include <lzo/lzo1x.h>
