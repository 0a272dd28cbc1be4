gongbu.gists({"ec2":["EC2","","서버, S3에 둔다."],"glacier":["S3 Glacier","","보관소의 설명"],"s3":["S3","","객체 저장소. EC2에서 쓴다."],"s3-standard":["S3 Standard","","기본"]});
